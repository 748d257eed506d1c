#pragma once

#include <utility>

#include "prumux/performance_model.h"

namespace @NAME@ {

/// The mean of all measurements, weighted by 1 / distance^power (Shepard 1968): exact where it was
/// measured, for configurations of any numbers. A distance counts each number in units of the range
/// in which it was measured.
class @CLASS@ : public prumux::PerformanceModel {
 public:
  explicit @CLASS@(const prumux::PerformanceModelArguments& arguments);

  void fit(const std::vector<prumux::Observation>& observations) override;
  prumux::Prediction predict(const prumux::Configuration& configuration) const override;
  std::string save() const override;
  void load(const std::string& text) override;

 private:
  double distance(const prumux::Configuration& a, const prumux::Configuration& b) const;
  bool is_outside(const prumux::Configuration& configuration) const;

  double power_;
  std::vector<prumux::Observation> observations_;
  std::map<std::string, std::pair<double, double>> ranges_;  ///< Of each number: lowest, highest.
};

}  // namespace @NAME@
