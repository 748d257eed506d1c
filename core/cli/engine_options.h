#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "core/runtime/engine.h"

namespace prumux::cli {

/// The options that `bench`, `evaluate` and `infer` share.
struct EngineArguments {
  std::int64_t groups = 32;
  std::string precision = "float32";
  bool isolate = false;

  void add_to(CLI::App& command) {
    command.add_option("--groups", groups, "Multiplexed groups of a batch")
        ->check(CLI::Range(1, 100000));
    command.add_option("--dtype", precision, "Number format of the forward pass")
        ->check(CLI::IsMember({"float32", "bfloat16"}));
    command.add_flag("--isolate", isolate,
                     "Results that depend on no other input: each fills its own group");
  }

  runtime::EngineOptions resolve() const {
    runtime::EngineOptions options;
    options.groups_per_batch = groups;
    options.precision =
        precision == "bfloat16" ? runtime::Precision::bfloat16 : runtime::Precision::float32;
    options.isolate = isolate;
    return options;
  }
};

}  // namespace prumux::cli
