#include "core/pipeline/record.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "core/text/content_hash.h"

namespace prumux::pipeline {
namespace {

constexpr std::array<std::string_view, 3> kKindNames = {"value", "content", "input"};

Record::Kind kind_from(const std::string& name) {
  const auto* found = std::find(kKindNames.begin(), kKindNames.end(), name);
  return found == kKindNames.end()
             ? Record::Kind::value
             : static_cast<Record::Kind>(std::distance(kKindNames.begin(), found));
}

std::string flat_text(const config::Value& list) {
  std::vector<std::string> texts;
  for (const config::Value& item : list.items) texts.push_back(item.text);
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

bool is_flat(const config::Value& list) {
  return std::all_of(list.items.begin(), list.items.end(),
                     [](const config::Value& item) { return item.is_scalar(); });
}

std::map<std::string, Record::Entry> by_name(const Record& record) {
  std::map<std::string, Record::Entry> result;
  for (const Record::Entry& entry : record.entries()) result.insert_or_assign(entry.name, entry);
  return result;
}

std::string change(const Record::Entry* old, const Record::Entry* now) {
  const Record::Entry& either = now != nullptr ? *now : *old;
  const std::string place =
      now != nullptr && !now->place.empty() ? fmt::format(" ({})", now->place) : "";
  if (either.kind == Record::Kind::input) {
    return fmt::format("its input '{}' is another one", either.name);
  }
  if (either.kind == Record::Kind::content) {
    if (now == nullptr) return fmt::format("{} is not read any more", either.name);
    if (old == nullptr) return fmt::format("{} is read now{}", either.name, place);
    return fmt::format("the content of {} has changed{}", either.name, place);
  }
  return fmt::format("{} {} -> {}{}", either.name, old != nullptr ? old->value : "(not there)",
                     now != nullptr ? now->value : "(not there)", place);
}

}  // namespace

void Record::add(const std::string& name, const std::string& value, const std::string& place) {
  entries_.push_back({name, value, Kind::value, place});
}

void Record::add(const std::string& name, const config::Value& value) {
  if (value.is_scalar()) {
    add(name, value.text, value.place.text());
  } else if (value.is_list() && is_flat(value)) {
    add(name, flat_text(value), value.place.text());
  } else {
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      add(fmt::format("{}.{}", name, i), value.items[i]);
    }
    for (const config::Value::Entry& entry : value.entries) {
      add(name.empty() ? entry.key : fmt::format("{}.{}", name, entry.key), entry.value);
    }
  }
}

void Record::add_content(const std::string& name, const std::filesystem::path& file,
                         const std::string& place) {
  entries_.push_back({name, files_->of(file), Kind::content, place});
}

std::string Record::key() const {
  std::vector<Entry> sorted = entries_;
  std::sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.name, a.value) < std::tie(b.name, b.value);
  });
  text::ContentHash hash;
  for (const Entry& entry : sorted) hash.add(entry.name).add(entry.value);
  return hash.hex();
}

nlohmann::json Record::to_json() const {
  nlohmann::json json = nlohmann::json::array();
  for (const Entry& entry : entries_) {
    json.push_back({{"name", entry.name},
                    {"value", entry.value},
                    {"kind", kKindNames.at(static_cast<std::size_t>(entry.kind))},
                    {"place", entry.place}});
  }
  return json;
}

Record Record::from_json(const nlohmann::json& json) {
  Record record;
  for (const nlohmann::json& entry : json) {
    record.add(
        {entry.at("name"), entry.at("value"), kind_from(entry.at("kind")), entry.at("place")});
  }
  return record;
}

std::vector<std::string> differences(const Record& old, const Record& now) {
  const auto before = by_name(old);
  const auto after = by_name(now);
  std::vector<std::string> result;
  for (const auto& [name, entry] : after) {
    const auto found = before.find(name);
    if (found == before.end()) {
      result.push_back(change(nullptr, &entry));
    } else if (found->second.value != entry.value) {
      result.push_back(change(&found->second, &entry));
    }
  }
  for (const auto& [name, entry] : before) {
    if (!after.contains(name)) result.push_back(change(&entry, nullptr));
  }
  return result;
}

}  // namespace prumux::pipeline
