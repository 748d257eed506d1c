#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/parameter_parser.h"
#include "prumux/compressor.h"
#include "prumux/dataset_reader.h"
#include "prumux/descriptor.h"
#include "prumux/head.h"
#include "prumux/metric.h"
#include "prumux/multiplexer.h"
#include "prumux/parameters.h"
#include "prumux/performance_model.h"
#include "prumux/stage.h"

namespace prumux::plugin {

/// One method of one loaded plugin. Pointers live as long as the process: libraries are never
/// unloaded.
struct Method {
  const PrumuxMethodV1* descriptor = nullptr;
  const PrumuxPluginV1* plugin = nullptr;
  std::filesystem::path file;
};

/// "compressor 'x' (plugin y 1.0, FILE)": how messages call a method.
std::string describe(const Method& method);

/// A file on the search path that looked like a plugin and was refused.
struct Rejection {
  std::filesystem::path file;
  std::string reason;
};

/// A multiplexer that claims a checkpoint written by another project.
struct RecognisedCheckpoint {
  std::string method;
  Parameters parameters;
};

/// The plugins of some folders: found at the first look-up, checked before any of their code runs,
/// never unloaded. One that is refused does not keep the others from loading. References that it
/// returns live as long as the registry. Not thread-safe during the first look-up.
class Registry {
 public:
  explicit Registry(const std::vector<std::filesystem::path>& search_path);

  /// The registry of the process, over `default_search_path`; the one singleton of prumux.
  static Registry& instance();

  /// Folders to be searched before all others. Throws `std::logic_error` after a look-up.
  void set_extra_search_path(const std::vector<std::filesystem::path>& folders);

  /// Makes `file` the only library that is looked at. Throws `std::logic_error` after a look-up.
  void set_only_library(const std::filesystem::path& file);

  const std::vector<std::filesystem::path>& search_path() const { return search_path_; }

  /// By kind and name.
  const std::vector<Method>& methods();
  std::vector<Method> methods(PrumuxKind kind);
  const std::vector<Rejection>& rejections();

  /// Throws `ConfigError` with the nearest name, the methods that are there, every folder tried and
  /// every rejected file with its reason.
  const Method& find(PrumuxKind kind, std::string_view name);

  /// The methods of any kind, or of the plugin, that are called `name`: at least one. Throws what
  /// `find` does.
  std::vector<Method> find_all(std::string_view name);

  /// The methods of a kind (absent: of all), every folder tried and every rejected file, a line
  /// each: what a message about a missing method ends with.
  std::string describe_search(std::optional<PrumuxKind> kind);

  /// A new instance; the plugin that made it also destroys it. Throws what `find` does, and
  /// `ConfigError` (arguments that the method refuses) or `PluginError` (anything else that goes
  /// wrong in it), both naming method, plugin, version and file; so do the functions of what is
  /// made, but for multiplexers and heads, whose caller guards them.
  std::shared_ptr<Multiplexer> make_multiplexer(std::string_view name,
                                                const MultiplexerArguments& arguments);
  std::shared_ptr<Compressor> make_compressor(std::string_view name,
                                              const CompressorArguments& arguments);
  std::shared_ptr<PerformanceModel> make_performance_model(
      std::string_view name, const PerformanceModelArguments& arguments);
  std::shared_ptr<Stage> make_stage(std::string_view name, const StageArguments& arguments);
  std::shared_ptr<Metric> make_metric(std::string_view name, const MetricArguments& arguments);
  std::shared_ptr<DatasetReader> make_dataset_reader(std::string_view name,
                                                     const DatasetReaderArguments& arguments);
  std::shared_ptr<Head> make_head(std::string_view name, const HeadArguments& arguments);

  /// Asks every multiplexer whether a model's config.json is of its kind. Throws `PluginError` when
  /// two claim it, or when the parameters that one gives do not fit its own schema.
  std::optional<RecognisedCheckpoint> recognise(const std::string& config_json);

 private:
  void load_once();
  void load(const std::filesystem::path& file);
  std::vector<std::string> names(std::optional<PrumuxKind> kind);
  std::string unknown_method(std::optional<PrumuxKind> kind, std::string_view name);

  bool loaded_ = false;
  std::vector<std::filesystem::path> search_path_;
  std::optional<std::filesystem::path> only_library_;
  std::vector<Method> methods_;
  std::vector<Rejection> rejections_;
};

}  // namespace prumux::plugin
