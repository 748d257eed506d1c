#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace prumux::prediction {

/// One line of a CSV file that is not blank.
struct CsvLine {
  std::size_t number = 0;  ///< In the file, from 1.
  std::vector<std::string> fields;
};

/// The lines of a CSV file: comma separated, fields trimmed, `"` around fields that need it and
/// doubled inside, LF or CRLF, an optional byte order mark. A field ends with its line. `name`
/// stands for the file in messages. Throws `DataError` with file:line for a quote that is not
/// closed and for text beside a quoted field.
std::vector<CsvLine> parse_csv(std::string_view text, const std::string& name);

/// `field`, in quotes where it needs them.
std::string csv_field(const std::string& field);

/// `text` for use in a message: cut to a readable length, without control characters.
std::string excerpt(std::string_view text);

}  // namespace prumux::prediction
