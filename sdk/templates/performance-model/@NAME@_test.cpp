#include "@NAME@.h"

#include <gtest/gtest.h>

#include "prumux/error.h"

namespace {

@NAME@::@CLASS@ model() {
  prumux::PerformanceModelArguments arguments;
  arguments.parameters.set("power", 2.0);
  return @NAME@::@CLASS@(arguments);
}

prumux::Configuration cell(double instances, double sparsity) {
  return {{"instances", instances}, {"sparsity", sparsity}};
}

TEST(@CLASS@, IsExactWhereItWasMeasured) {
  auto method = model();
  method.fit({{cell(1, 0.0), 0.9}, {cell(2, 0.0), 0.8}});
  EXPECT_EQ(method.predict(cell(2, 0.0)).value, 0.8);
}

TEST(@CLASS@, WeighsByTheSquareOfTheDistance) {
  auto method = model();
  method.fit({{cell(1, 0.0), 0.9}, {cell(4, 0.0), 0.6}});
  // Distances 1/3 and 2/3, so weights 9 and 9/4.
  const auto found = method.predict(cell(2, 0.0));
  EXPECT_NEAR(found.value, (9 * 0.9 + 2.25 * 0.6) / 11.25, 1e-12);
  EXPECT_FALSE(found.extrapolated);
}

TEST(@CLASS@, SaysWhenItIsOutside) {
  auto method = model();
  method.fit({{cell(1, 0.0), 0.9}, {cell(2, 0.5), 0.8}});
  EXPECT_TRUE(method.predict(cell(2, 0.6)).extrapolated);
}

TEST(@CLASS@, RefusesToFitNothing) { EXPECT_THROW(model().fit({}), prumux::DataError); }

}  // namespace
