#include "completed_grid.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "isotonic.h"
#include "least_squares.h"

namespace prumux::predictors {
namespace {

/// Where a coordinate lies on an axis: (1 - weight) of knot `lower`, weight of knot `upper`.
struct Location {
  std::size_t lower = 0;
  std::size_t upper = 0;
  double weight = 0.0;
  bool outside = false;
};

Location locate(const std::vector<double>& axis, double x) {
  const bool outside = x < axis.front() || x > axis.back();
  if (axis.size() == 1) return {0, 0, 0.0, outside};
  const auto next = std::lower_bound(std::next(axis.begin()), std::prev(axis.end()), x);
  const auto upper = static_cast<std::size_t>(std::distance(axis.begin(), next));
  return {upper - 1, upper, (x - axis[upper - 1]) / (axis[upper] - axis[upper - 1]), outside};
}

double line_through(double x0, double y0, double x1, double y1, double x) {
  const double weight = (x - x0) / (x1 - x0);
  return (1.0 - weight) * y0 + weight * y1;
}

double normalised(const std::vector<double>& axis, double x) {
  return (x - axis.front()) / (axis.back() - axis.front());
}

}  // namespace

CompletedGrid::CompletedGrid(const std::map<Point, double>& values) {
  std::set<double> instances;
  std::set<double> sparsities;
  for (const auto& [point, value] : values) {
    instances.insert(point.instances);
    sparsities.insert(point.sparsity);
  }
  instances_.assign(instances.begin(), instances.end());
  sparsities_.assign(sparsities.begin(), sparsities.end());
  for (const double n : instances_) {
    Line& line = lines_.emplace_back(sparsities_.size());
    for (std::size_t j = 0; j < sparsities_.size(); ++j) {
      const auto found = values.find({n, sparsities_[j]});
      if (found != values.end()) line[j] = {found->second, true, false};
    }
  }
  complete();
}

void CompletedGrid::complete() {
  // With a single sparsity every line is complete, and its one point is all that it can have.
  if (sparsities_.size() == 1) return;
  std::vector<std::size_t> with_slope;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (std::ranges::count_if(lines_[i], &Knot::measured) >= 2) {
      complete_along_sparsity(lines_[i]);
      with_slope.push_back(i);
    }
  }
  if (with_slope.empty()) return complete_by_plane();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!std::ranges::binary_search(with_slope, i)) complete_along_instances(i, with_slope);
  }
}

void CompletedGrid::complete_along_sparsity(Line& line) const {
  std::vector<std::size_t> measured;
  for (std::size_t j = 0; j < line.size(); ++j) {
    if (line[j].measured) measured.push_back(j);
  }
  for (std::size_t j = 0; j < line.size(); ++j) {
    if (line[j].measured) continue;
    const auto next = std::lower_bound(std::next(measured.begin()), std::prev(measured.end()), j);
    const std::size_t left = *std::prev(next);
    const std::size_t right = *next;
    line[j].value = line_through(sparsities_[left], line[left].value, sparsities_[right],
                                 line[right].value, sparsities_[j]);
    line[j].extrapolated = j < left || j > right;
  }
}

void CompletedGrid::complete_along_instances(std::size_t row,
                                             const std::vector<std::size_t>& lines) {
  Line& line = lines_[row];
  const auto above = std::ranges::upper_bound(lines, row);
  const bool enclosed = above != lines.begin() && above != lines.end();
  const std::size_t nearest = above == lines.end() ? lines.back() : *above;
  const std::size_t other = enclosed ? *std::prev(above) : nearest;
  const auto own = static_cast<std::size_t>(
      std::distance(line.begin(), std::ranges::find_if(line, &Knot::measured)));
  for (std::size_t j = 0; j < line.size(); ++j) {
    if (line[j].measured) continue;
    const Knot& here = lines_[nearest][j];
    if (enclosed) {
      const Knot& there = lines_[other][j];
      line[j].value = line_through(instances_[nearest], here.value, instances_[other], there.value,
                                   instances_[row]);
      line[j].extrapolated = here.extrapolated || there.extrapolated;
    } else {
      line[j].value = line[own].value + here.value - lines_[nearest][own].value;
      line[j].extrapolated = true;
    }
  }
}

void CompletedGrid::complete_by_plane() {
  std::vector<double> ones, u, v, values;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    for (std::size_t j = 0; j < sparsities_.size(); ++j) {
      if (!lines_[i][j].measured) continue;
      ones.push_back(1.0);
      u.push_back(normalised(instances_, instances_[i]));
      v.push_back(normalised(sparsities_, sparsities_[j]));
      values.push_back(lines_[i][j].value);
    }
  }
  std::vector<double> plane;  // of [1, v, u]
  if (const auto full = least_squares({ones, v, u}, values)) {
    plane = *full;
  } else {
    // Two different sparsities at least, so these two are independent.
    plane = least_squares({ones, v}, values).value();
    plane.push_back(0.0);
  }
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    for (std::size_t j = 0; j < sparsities_.size(); ++j) {
      if (lines_[i][j].measured) continue;
      lines_[i][j].value = plane[0] + plane[1] * normalised(sparsities_, sparsities_[j]) +
                           plane[2] * normalised(instances_, instances_[i]);
      lines_[i][j].extrapolated = true;
    }
  }
}

void CompletedGrid::make_monotone(bool rising) {
  constexpr double kFilledInWeight = 0.01;
  const double sign = rising ? -1.0 : 1.0;
  Table values, weights;
  for (const Line& line : lines_) {
    std::vector<double>& row = values.emplace_back();
    std::vector<double>& row_weights = weights.emplace_back();
    for (const Knot& knot : line) {
      row.push_back(sign * knot.value);
      row_weights.push_back(knot.measured ? 1.0 : kFilledInWeight);
    }
  }
  const Table monotone = nearest_falling(values, weights);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    for (std::size_t j = 0; j < lines_[i].size(); ++j) lines_[i][j].value = sign * monotone[i][j];
  }
}

GridValue CompletedGrid::at(const Point& point) const {
  const Location n = locate(instances_, point.instances);
  const Location s = locate(sparsities_, point.sparsity);
  GridValue result{0.0, n.outside || s.outside};
  const auto add = [&](std::size_t i, std::size_t j, double weight) {
    if (weight == 0.0) return;
    result.value += weight * lines_[i][j].value;
    result.extrapolated |= lines_[i][j].extrapolated;
  };
  add(n.lower, s.lower, (1.0 - n.weight) * (1.0 - s.weight));
  add(n.upper, s.lower, n.weight * (1.0 - s.weight));
  add(n.lower, s.upper, (1.0 - n.weight) * s.weight);
  add(n.upper, s.upper, n.weight * s.weight);
  return result;
}

Point CompletedGrid::clamped(const Point& point) const {
  return {std::clamp(point.instances, instances_.front(), instances_.back()),
          std::clamp(point.sparsity, sparsities_.front(), sparsities_.back())};
}

std::vector<CellCoefficients> CompletedGrid::coefficients() const {
  std::vector<CellCoefficients> cells;
  for (std::size_t i = 1; i < instances_.size(); ++i) {
    for (std::size_t j = 1; j < sparsities_.size(); ++j) {
      const double n = instances_[i - 1];
      const double s = sparsities_[j - 1];
      const double dn = instances_[i] - n;
      const double ds = sparsities_[j] - s;
      const double corner = lines_[i - 1][j - 1].value;
      const double du = lines_[i][j - 1].value - corner;
      const double dv = lines_[i - 1][j].value - corner;
      const double duv = lines_[i][j].value - corner - du - dv;
      const double k11 = duv / (dn * ds);
      const double k10 = du / dn - k11 * s;
      const double k01 = dv / ds - k11 * n;
      const double k00 = corner - du / dn * n - dv / ds * s + k11 * n * s;
      cells.push_back({{n, s}, {instances_[i], sparsities_[j]}, k00, k10, k01, k11});
    }
  }
  return cells;
}

}  // namespace prumux::predictors
