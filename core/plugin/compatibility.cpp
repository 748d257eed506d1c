#include "core/plugin/compatibility.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "prumux/fingerprint.h"

namespace prumux::plugin {

namespace {

constexpr const char* kRebuild = "build the plugin again with the SDK of this prumux";

constexpr PrumuxFingerprintV1 kHost = build_fingerprint();

class Comparison {
 public:
  void require_equal(const std::string& field, const std::string& plugin, const std::string& host,
                     const std::string& remedy = kRebuild) {
    if (plugin != host) {
      mismatches_.push_back({field, plugin, host, remedy});
    }
  }

  std::vector<Mismatch> take() { return std::move(mismatches_); }

 private:
  std::vector<Mismatch> mismatches_;
};

std::string yes_no(std::uint32_t flag) { return flag != 0 ? "on" : "off"; }

}  // namespace

const PrumuxFingerprintV1& host_fingerprint() { return kHost; }

std::string field_text(std::span<const char> field) {
  std::string text(field.begin(), std::find(field.begin(), field.end(), '\0'));
  std::replace_if(
      text.begin(), text.end(),
      [](unsigned char character) { return std::isprint(character) == 0; }, '?');
  return text;
}

std::vector<Mismatch> check_compatibility(const PrumuxFingerprintV1& plugin) {
  // Where these differ, the other fields may not mean what they mean here.
  if (plugin.abi_major != kHost.abi_major) {
    return {{"plugin ABI", std::to_string(plugin.abi_major), std::to_string(kHost.abi_major),
             plugin.abi_major > kHost.abi_major
                 ? "update prumux, or " + std::string(kRebuild)
                 : "port the plugin to the SDK of this prumux and build it again"}};
  }
  if (plugin.abi_minor > kHost.abi_minor) {
    const auto version = [](const PrumuxFingerprintV1& fingerprint) {
      return fmt::format("{}.{}", fingerprint.abi_major, fingerprint.abi_minor);
    };
    return {{"plugin ABI", version(plugin), version(kHost),
             "update prumux, or " + std::string(kRebuild)}};
  }
  if (plugin.struct_size != kHost.struct_size) {
    return {{"size of the fingerprint", fmt::format("{} bytes", plugin.struct_size),
             fmt::format("{} bytes", kHost.struct_size), kRebuild}};
  }
  Comparison comparison;
  comparison.require_equal(
      "libtorch", field_text(plugin.torch_version), field_text(kHost.torch_version),
      "build the plugin again with libtorch " + field_text(kHost.torch_version));
  comparison.require_equal("compiler", field_text(plugin.compiler), field_text(kHost.compiler),
                           "build the plugin again with " + field_text(kHost.compiler));
  comparison.require_equal(
      "_GLIBCXX_USE_CXX11_ABI", std::to_string(plugin.cxx11_abi), std::to_string(kHost.cxx11_abi),
      fmt::format("build the plugin again with -D_GLIBCXX_USE_CXX11_ABI={}", kHost.cxx11_abi));
  comparison.require_equal("_GLIBCXX_DEBUG", yes_no(plugin.debug_stl), yes_no(kHost.debug_stl),
                           kHost.debug_stl != 0
                               ? "build the plugin again with -D_GLIBCXX_DEBUG"
                               : "build the plugin again without -D_GLIBCXX_DEBUG");
  return comparison.take();
}

std::string describe(const std::vector<Mismatch>& mismatches) {
  std::string text;
  for (const Mismatch& mismatch : mismatches) {
    text +=
        fmt::format("{}{} is {} in the plugin and {} in prumux ({})", text.empty() ? "" : "; ",
                    mismatch.field, mismatch.plugin_value, mismatch.host_value, mismatch.remedy);
  }
  return text;
}

}  // namespace prumux::plugin
