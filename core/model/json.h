#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace prumux::model {

/// Parses a text of another writer; `note` sees what is read and keeps all of it. Throws
/// `DataError` saying what is wrong: no JSON, or nested deeper than programs that go through it can
/// follow.
nlohmann::json parse_json(const std::string& text, const nlohmann::json::parser_callback_t& note);
nlohmann::json parse_json(const std::string& text);

}  // namespace prumux::model
