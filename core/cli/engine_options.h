#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "core/cli/device_argument.h"
#include "core/runtime/engine.h"

namespace prumux::cli {

/// The options that `bench`, `evaluate` and `infer` share.
struct EngineArguments {
  std::int64_t groups = 32;
  std::string precision = "float32";
  bool isolate = false;
  std::int64_t ensemble = 1;
  DeviceArgument device;

  void add_to(CLI::App& command) {
    command.add_option("--groups", groups, "Multiplexed groups of a batch")
        ->check(CLI::Range(1, 100000));
    command.add_option("--dtype", precision, "Number format of the forward pass")
        ->check(CLI::IsMember(runtime::precision_names()));
    CLI::Option* isolated = command.add_flag(
        "--isolate", isolate, "Results that depend on no other input: each fills its own group");
    command
        .add_option("--ensemble", ensemble,
                    "Groups in which each input occurs; its result is their mean")
        ->check(CLI::Range(1, 1000))
        ->excludes(isolated)
        ->type_name("K");
    device.add_to(command);
  }

  /// Before the first tensor, as `DeviceArgument::resolve`.
  runtime::EngineOptions resolve() const {
    runtime::EngineOptions options;
    options.groups_per_batch = groups;
    options.precision = runtime::precision_of(precision);
    options.isolate = isolate;
    options.ensemble = ensemble;
    options.accelerator = device.resolve();
    return options;
  }
};

}  // namespace prumux::cli
