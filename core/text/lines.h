#pragma once

#include <cstddef>
#include <istream>
#include <string>

namespace prumux::text {

/// The lines of a text file, without a byte order mark and the `\r` at a line's end.
class LineReader {
 public:
  /// `name` stands for the file in messages. The stream outlives the reader.
  LineReader(std::istream& stream, std::string name);

  /// False at the end. Throws `DataError` with file and line when the line is not UTF-8, and
  /// `IoError`.
  bool next(std::string& line);

  const std::string& name() const { return name_; }
  /// Of the last line, from 1.
  std::size_t number() const { return number_; }
  /// "FILE:LINE" of the last line.
  std::string place() const;

 private:
  std::istream& stream_;
  std::string name_;
  std::size_t number_ = 0;
};

}  // namespace prumux::text
