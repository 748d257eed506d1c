#pragma once

#include <gtest/gtest.h>

#include <string>

namespace prumux::test {

/// The text of the `Expected` error that `work` throws; the test fails when it throws none.
template <typename Expected, typename Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const Expected& problem) {
    return problem.what();
  }
  ADD_FAILURE() << "expected an error";
  return "";
}

}  // namespace prumux::test
