#include "core/report/page.h"

#include <string_view>

#include "core/io/json_text.h"
#include "core/report/page_parts.h"

namespace prumux::report {
namespace {

/// `text` with `escapes` in place of single characters.
template <typename Escape>
std::string escaped(const std::string& text, Escape escape) {
  std::string result;
  for (const char c : text) {
    const std::string_view replacement = escape(c);
    if (replacement.empty()) {
      result += c;
    } else {
      result += replacement;
    }
  }
  return result;
}

std::string html_text(const std::string& text) {
  return escaped(text, [](char c) -> std::string_view {
    return c == '<' ? "&lt;" : c == '&' ? "&amp;" : "";
  });
}

/// JSON that cannot end the element in which it stands.
std::string embedded(const nlohmann::json& facts) {
  const std::string text = io::json_text(facts, false);
  return escaped(text, [](char c) -> std::string_view { return c == '<' ? "\\u003c" : ""; });
}

}  // namespace

std::string make_page(const nlohmann::json& facts) {
  std::string page;
  std::string_view rest = kPageHtml;
  const auto copy_until = [&](std::string_view mark) {
    const std::size_t at = rest.find(mark);
    page += rest.substr(0, at);
    rest.remove_prefix(at + mark.size());
  };
  copy_until("{{title}}");
  page += html_text(facts.at("name").get<std::string>());
  copy_until("{{style}}");
  page += kPageStyle;
  copy_until("{{facts}}");
  page += embedded(facts);
  copy_until("{{script}}");
  page += kPageScript;
  page += rest;
  return page;
}

}  // namespace prumux::report
