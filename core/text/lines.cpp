#include "core/text/lines.h"

#include <spdlog/fmt/fmt.h>

#include <utility>

#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::text {

LineReader::LineReader(std::istream& stream, std::string name)
    : stream_(stream), name_(std::move(name)) {}

bool LineReader::next(std::string& line) {
  if (!std::getline(stream_, line)) {
    if (stream_.bad()) throw IoError(fmt::format("cannot read '{}' to its end", name_));
    return false;
  }
  ++number_;
  if (number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.ends_with('\r')) line.pop_back();
  require_utf8(line, place());
  return true;
}

std::string LineReader::place() const { return fmt::format("{}:{}", name_, number_); }

}  // namespace prumux::text
