#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "prumux/compressor.h"
#include "prumux/dataset_reader.h"
#include "prumux/metric.h"
#include "prumux/performance_model.h"
#include "prumux/stage.h"

namespace prumux::plugin {

// What the host gets instead of a plugin's own object: the same methods, but whatever is thrown in
// one arrives as an error of ours that names the method, its plugin and the function.
// `who`: "compressor 'x' (plugin y 1.0, FILE)".

/// `interface_version`: of the plugin; what an older one lacks is never called.
std::shared_ptr<Compressor> guarded(std::shared_ptr<Compressor> compressor, const std::string& who,
                                    std::uint32_t interface_version);
std::shared_ptr<PerformanceModel> guarded(std::shared_ptr<PerformanceModel> model,
                                          const std::string& who);
std::shared_ptr<Stage> guarded(std::shared_ptr<Stage> stage, const std::string& who);
std::shared_ptr<Metric> guarded(std::shared_ptr<Metric> metric, const std::string& who);
std::shared_ptr<DatasetReader> guarded(std::shared_ptr<DatasetReader> reader,
                                       const std::string& who);

}  // namespace prumux::plugin
