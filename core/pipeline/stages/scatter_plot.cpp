#include "core/pipeline/stages/scatter_plot.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace prumux::pipeline {
namespace {

constexpr double kLeft = 70, kTop = 40, kWidth = 560, kHeight = 380, kLegend = 190, kBottom = 60,
                 kLegendLine = 20;

// The colours of Okabe and Ito, which people with any colour vision tell apart.
constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                 "#e69f00", "#56b4e9", "#000000", "#999999"};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

/// A distance of 1, 2 or 5 times a power of ten with which a range has 3 to 8 marks.
double tick_distance(double range) {
  const double power = std::pow(10.0, std::floor(std::log10(range / 4)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range / (power * factor) <= 6) return power * factor;
  }
  return power * 10;
}

/// A range of numbers drawn on `length` pixels.
class Axis {
 public:
  Axis(double low, double high, double length) : low_(low), high_(high), length_(length) {
    const double margin = std::max((high - low) * 0.08, 1e-3);
    low_ -= margin;
    high_ += margin;
  }
  double position(double value) const { return (value - low_) / (high_ - low_) * length_; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_;
  double high_;
  double length_;
};

std::string text_at(double x, double y, const char* anchor, const std::string& text,
                    const char* more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>\n", x, y,
                     anchor, more, escaped(text));
}

std::string line(double x1, double y1, double x2, double y2) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" "
      "stroke=\"#dddddd\"/>\n",
      x1, y1, x2, y2);
}

/// At 1, 2 and 5 times the powers of ten, or else, where none of them is, at both ends.
std::vector<double> x_places(const Axis& x) {
  std::vector<double> places;
  for (double power = std::floor(x.low()); power <= x.high(); ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double mark = power + std::log10(factor);
      if (mark >= x.low() && mark <= x.high()) places.push_back(mark);
    }
  }
  if (places.empty()) places = {x.low(), x.high()};
  return places;
}

std::string x_marks(const Axis& x) {
  std::string svg;
  for (const double mark : x_places(x)) {
    const double at = kLeft + x.position(mark);
    svg += line(at, kTop, at, kTop + kHeight);
    svg += text_at(at, kTop + kHeight + 18, "middle", fmt::format("{:.4g}", std::pow(10.0, mark)));
  }
  return svg;
}

std::string y_marks(const Axis& y) {
  std::string svg;
  const double distance = tick_distance(y.high() - y.low());
  // Whole numbers of distances: sums of them would not meet 0.
  for (double index = std::ceil(y.low() / distance); index * distance <= y.high(); ++index) {
    const double mark = index * distance;
    const double at = kTop + kHeight - y.position(mark);
    svg += line(kLeft, at, kLeft + kWidth, at);
    svg += text_at(kLeft - 8, at + 4, "end", fmt::format("{:.4g}", mark));
  }
  return svg;
}

}  // namespace

std::string scatter_plot(const std::string& title, const std::string& x_title,
                         const std::string& y_title, const std::vector<PlotSeries>& series) {
  double x_low = HUGE_VAL, x_high = -HUGE_VAL, y_low = HUGE_VAL, y_high = -HUGE_VAL;
  for (const PlotSeries& one : series) {
    for (const PlotPoint& point : one.points) {
      x_low = std::min(x_low, std::log10(point.x));
      x_high = std::max(x_high, std::log10(point.x));
      y_low = std::min(y_low, point.y);
      y_high = std::max(y_high, point.y);
    }
  }
  const Axis x(x_low, x_high, kWidth);
  const Axis y(y_low, y_high, kHeight);
  const double width = kLeft + kWidth + kLegend;
  const double height = std::max(kTop + kHeight + kBottom,
                                 kTop + kLegendLine * static_cast<double>(series.size() + 1));
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height);
  svg += text_at(kLeft + kWidth / 2, 24, "middle", title, "font-size=\"15\"");
  svg += x_marks(x) + y_marks(y);
  svg += text_at(kLeft + kWidth / 2, kTop + kHeight + kBottom - 16, "middle", x_title);
  svg += text_at(-(kTop + kHeight / 2), 18, "middle", y_title, "transform=\"rotate(-90)\"");
  for (std::size_t index = 0; index < series.size(); ++index) {
    const char* colour = kColours[index % kColours.size()];
    for (const PlotPoint& point : series[index].points) {
      const double at_x = kLeft + x.position(std::log10(point.x));
      const double at_y = kTop + kHeight - y.position(point.y);
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"{}\"/>\n", at_x, at_y,
                         colour);
      svg += text_at(at_x + 8, at_y + 4, "start", point.label);
    }
    const double at_y = kTop + 14 + kLegendLine * static_cast<double>(index);
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"{}\"/>\n",
                       kLeft + kWidth + 20, at_y, colour);
    svg += text_at(kLeft + kWidth + 32, at_y + 4, "start", series[index].name);
  }
  return svg + "</svg>\n";
}

}  // namespace prumux::pipeline
