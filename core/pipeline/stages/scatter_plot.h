#pragma once

#include <string>
#include <vector>

namespace prumux::pipeline {

struct PlotPoint {
  double x = 0.0;  ///< Above 0: the axis is logarithmic.
  double y = 0.0;
  std::string label;  ///< Stands beside it; may be empty.
};

/// Points of one colour, with an entry in the legend.
struct PlotSeries {
  std::string name;
  std::vector<PlotPoint> points;
};

/// An SVG image that needs nothing else to be shown. At least one series has a point.
std::string scatter_plot(const std::string& title, const std::string& x_title,
                         const std::string& y_title, const std::vector<PlotSeries>& series);

}  // namespace prumux::pipeline
