#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/config/yaml_reader.h"
#include "prumux/error.h"
#include "tests/support/error_of.h"

namespace prumux::config {

/// A document as if read from the file p.yaml in /base.
inline Value parse(const std::string& text) {
  return parse_yaml(text, Place{"p.yaml", 1, 1, "/base"});
}

/// The message of the `ConfigError` that `work` throws.
template <typename Work>
std::string error_of(const Work& work) {
  return test::error_of<ConfigError>(work);
}

}  // namespace prumux::config
