#include "core/model/json.h"

#include <spdlog/fmt/fmt.h>

#include "prumux/error.h"

namespace prumux::model {
namespace {

using nlohmann::json;

constexpr int kMaximumDepth = 64;

}  // namespace

json parse_json(const std::string& text, const json::parser_callback_t& note) {
  const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
    const bool opens =
        event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
    if (opens && depth >= kMaximumDepth) {
      throw DataError(fmt::format("it is nested deeper than {} levels", kMaximumDepth));
    }
    return note(depth, event, parsed);
  };
  try {
    return json::parse(text, check);
  } catch (const json::exception& problem) {
    throw DataError(problem.what());
  }
}

json parse_json(const std::string& text) {
  return parse_json(text, [](int, json::parse_event_t, json&) { return true; });
}

}  // namespace prumux::model
