#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/io/atomic_file.h"

namespace prumux::pipeline {

/// The pipeline of tests/data/pipelines/tiny.yaml, and a folder of its own for each test, which
/// holds the text cache too.
class TinyPipelineTest : public testing::Test {
 protected:
  TinyPipelineTest()
      : root_(std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    ::setenv("PRUMUX_CACHE", (root_ / "cache").c_str(), 1);
  }
  ~TinyPipelineTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::filesystem::path file_ =
      std::filesystem::path(PRUMUX_TEST_DATA) / "pipelines" / "tiny.yaml";
  std::filesystem::path root_;
};

}  // namespace prumux::pipeline
