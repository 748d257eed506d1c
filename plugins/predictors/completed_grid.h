#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <vector>

namespace prumux::predictors {

struct Point {
  double instances = 0.0;
  double sparsity = 0.0;

  auto operator<=>(const Point&) const = default;
};

struct GridValue {
  double value = 0.0;
  bool extrapolated = false;  ///< The measurements do not enclose it.
};

/// The coefficients of one cell: k00 + k10 N + k01 s + k11 N s.
struct CellCoefficients {
  Point lower;
  Point upper;
  double k00 = 0.0, k10 = 0.0, k01 = 0.0, k11 = 0.0;
};

/// The piecewise bilinear surface through points on a grid (Auto-PruMUX, spec 11.1). Where all four
/// corners of a cell are measured, the least-squares fit of [1, u, v, uv] is their interpolation.
/// Missing corners are filled in first, so that the surface is continuous, exact at every
/// measurement, and reproduces any bilinear function:
///  1. between two measurements of the same instances: the line in sparsity through them (the two
///     cells beside the missing point are one);
///  2. beyond the last of two or more of them: the line through the last two (the neighbouring
///     cell, extrapolated);
///  3. where these instances have a single measurement: the line in instances between the nearest
///     complete lines on both sides (cells merged along the instances); with a line on one side
///     only, that line shifted through the single measurement (without the uv term);
///  4. where no instances have two measurements: the least-squares plane [1, u, v], or [1, v] when
///     the points do not span a plane.
class CompletedGrid {
 public:
  /// `values` must not be empty.
  explicit CompletedGrid(const std::map<Point, double>& values);

  /// Replaces the surface by the nearest one that rises nowhere along instances and sparsity, or,
  /// with `rising`, falls nowhere. A filled-in point counts a hundredth of a measured one.
  void make_monotone(bool rising);

  /// Outside of the grid the nearest border cell is extrapolated. An axis with a single value has
  /// no slope.
  GridValue at(const Point& point) const;

  /// The nearest point that is inside.
  Point clamped(const Point& point) const;

  /// Of every cell, by instances, then by sparsity; none when an axis has a single value.
  std::vector<CellCoefficients> coefficients() const;

 private:
  struct Knot {
    double value = 0.0;
    bool measured = false;
    bool extrapolated = false;
  };
  using Line = std::vector<Knot>;

  void complete();
  void complete_along_sparsity(Line& line) const;
  void complete_along_instances(std::size_t row, const std::vector<std::size_t>& lines);
  void complete_by_plane();

  std::vector<double> instances_;
  std::vector<double> sparsities_;
  std::vector<Line> lines_;  ///< [instances][sparsity]
};

}  // namespace prumux::predictors
