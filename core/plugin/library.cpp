#include "core/plugin/library.h"

#include <dlfcn.h>
#include <spdlog/spdlog.h>

#include <boost/dll/shared_library.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "core/plugin/compatibility.h"
#include "core/plugin/descriptor_check.h"
#include "core/plugin/fingerprint_reader.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace {

constexpr const char* kDescriptorSymbol = "prumux_plugin_v1";

/// The linker's own words, without the file's name in front.
std::string linker_message(const std::filesystem::path& file) {
  const char* message = dlerror();
  std::string text = message != nullptr ? message : "the dynamic linker gives no reason";
  const std::string prefix = file.string() + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// Keeps every library loaded until the process is gone: libtorch and the plugins' own static
/// objects do not survive unloading, not even during exit.
const boost::dll::shared_library& keep(boost::dll::shared_library library) {
  static auto& libraries = *new std::vector<boost::dll::shared_library>;
  libraries.push_back(std::move(library));
  return libraries.back();
}

}  // namespace

const PrumuxPluginV1* load_plugin(const std::filesystem::path& file) {
  const std::optional<PrumuxFingerprintV1> fingerprint = read_fingerprint(file);
  if (!fingerprint) {
    spdlog::debug("{}: no plugin of prumux, left alone", file.string());
    return nullptr;
  }
  const std::vector<Mismatch> mismatches = check_compatibility(*fingerprint);
  if (!mismatches.empty()) {
    throw PluginError(describe(mismatches));
  }
  boost::dll::shared_library opened;
  std::error_code problem;
  opened.load(file, problem, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (problem) {
    throw PluginError("the dynamic linker refuses it: " + linker_message(file));
  }
  const boost::dll::shared_library& library = keep(std::move(opened));
  if (!library.has(kDescriptorSymbol)) {
    throw PluginError(std::string("it does not export ") + kDescriptorSymbol +
                      "; export it with PRUMUX_PLUGIN");
  }
  const auto& descriptor = library.get<const PrumuxPluginV1>(kDescriptorSymbol);
  check_descriptor(descriptor);
  return &descriptor;
}

}  // namespace prumux::plugin
