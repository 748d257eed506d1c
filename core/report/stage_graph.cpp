#include "core/report/stage_graph.h"

#include <algorithm>
#include <cmath>

#include "core/text/content_hash.h"

namespace prumux::report {
namespace {

constexpr const char* kSourcePort = "from";
constexpr std::string_view kStages = "stages.";

}  // namespace

const StageFolder* StageGraph::find(const std::string& key) const {
  const auto found = std::find_if(stages_.begin(), stages_.end(),
                                  [&](const StageFolder& stage) { return stage.key == key; });
  return found == stages_.end() ? nullptr : &*found;
}

const StageFolder* StageGraph::source_of(const StageFolder& stage) const {
  const auto input = stage.inputs.find(kSourcePort);
  return input == stage.inputs.end() ? nullptr : find(input->second);
}

bool StageGraph::has_source(const StageFolder& stage) { return stage.inputs.contains(kSourcePort); }

bool StageGraph::is_built_upon(const StageFolder& stage) const {
  return std::any_of(stages_.begin(), stages_.end(), [&](const StageFolder& other) {
    return other.has_model() &&
           std::any_of(other.inputs.begin(), other.inputs.end(),
                       [&](const auto& input) { return input.second == stage.key; });
  });
}

std::vector<const StageFolder*> StageGraph::ancestry(const StageFolder& stage) const {
  std::vector<const StageFolder*> found;
  const auto add_with_sources = [&](const StageFolder* one) {
    for (; one != nullptr && std::find(found.begin(), found.end(), one) == found.end();
         one = source_of(*one)) {
      found.push_back(one);
    }
  };
  add_with_sources(&stage);
  // NOLINTNEXTLINE(modernize-loop-convert): what is walked grows.
  for (std::size_t next = 0; next < found.size(); ++next) {
    const StageFolder& current = *found[next];
    for (const auto& [port, key] : current.inputs) add_with_sources(find(key));
  }
  return found;
}

std::optional<std::string> StageGraph::value_of(const std::string& path,
                                                const StageFolder& stage) const {
  std::string id;
  std::string name = path;
  if (path.starts_with(kStages)) {
    const std::size_t end = path.find('.', kStages.size());
    if (end == std::string::npos) return std::nullopt;
    id = path.substr(kStages.size(), end - kStages.size());
    name = path.substr(end + 1);
  }
  for (const StageFolder* one : ancestry(stage)) {
    if (!id.empty() && one->id != id) continue;
    if (const auto found = one->settings.find(name); found != one->settings.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

std::optional<std::string> StageGraph::content_of(const std::string& path,
                                                  const StageFolder& stage) const {
  for (const StageFolder* one : ancestry(stage)) {
    text::ContentHash hash;
    bool reads_any = false;
    for (const auto& [name, content] : one->contents) {
      if (name != path && !name.ends_with(" of " + path)) continue;
      hash.add(name).add(content);
      reads_any = true;
    }
    if (reads_any) return hash.hex();
  }
  return std::nullopt;
}

std::optional<double> StageGraph::number_of(const std::string& name,
                                            const StageFolder& stage) const {
  for (const StageFolder* one = &stage; one != nullptr; one = source_of(*one)) {
    if (const double number = one->number(name); std::isfinite(number)) return number;
  }
  return std::nullopt;
}

}  // namespace prumux::report
