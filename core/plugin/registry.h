#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/descriptor.h"
#include "prumux/multiplexer.h"
#include "prumux/parameters.h"
#include "prumux/performance_model.h"

namespace prumux::plugin {

/// One method of one loaded plugin. Pointers live as long as the process: libraries are never
/// unloaded.
struct Method {
  const PrumuxMethodV1* descriptor = nullptr;
  const PrumuxPluginV1* plugin = nullptr;
  std::filesystem::path file;
};

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

/// All plugins of the process: found on the search path at first use, checked before any of their
/// code runs, never unloaded. The one singleton of prumux; not thread-safe while it loads.
class Registry {
 public:
  static Registry& instance();

  /// Folders in the order of search: `--plugin-path`, PRUMUX_PLUGIN_PATH, the installation's
  /// lib/prumux/plugins. Must be set before the first look-up.
  void set_extra_search_path(std::vector<std::filesystem::path> folders);
  std::vector<std::filesystem::path> search_path() const;

  const std::vector<Method>& methods();
  const std::vector<Rejection>& rejections();

  /// Throws `ConfigError` with the nearest name, the methods that are there, every folder tried and
  /// every rejected file with its reason.
  const Method& find(PrumuxKind kind, std::string_view name);

  std::shared_ptr<Multiplexer> make_multiplexer(std::string_view name,
                                                const MultiplexerArguments& arguments);
  std::shared_ptr<Compressor> make_compressor(std::string_view name,
                                              const CompressorArguments& arguments);
  std::shared_ptr<PerformanceModel> make_performance_model(
      std::string_view name, const PerformanceModelArguments& arguments);

  /// Asks every multiplexer whether `config_json` is of its kind.
  std::optional<RecognisedCheckpoint> recognise(const std::string& config_json);

 private:
  Registry() = default;
  void load_once();

  bool loaded_ = false;
  std::vector<std::filesystem::path> extra_folders_;
  std::vector<Method> methods_;
  std::vector<Rejection> rejections_;
};

/// The parameters of `method` from texts as written in YAML or JSON; absent ones get their default.
/// Throws `ConfigError` (unknown name with the nearest one, wrong type, out of range, missing).
Parameters parse_parameters(const PrumuxMethodV1& method,
                            const std::vector<std::pair<std::string, std::string>>& texts);

}  // namespace prumux::plugin
