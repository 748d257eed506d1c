#include "core/text/labels.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

#include "core/io/atomic_file.h"
#include "core/text/lines.h"
#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Lines `id<TAB>name` with the ids 0, 1, ..., or names alone.
std::vector<std::string> read_label_names(const fs::path& file) {
  std::istringstream stream(io::read_file(file));
  std::vector<std::string> names;
  LineReader lines(stream, file.string());
  for (std::string line; lines.next(line);) {
    if (line.empty()) continue;
    if (const std::size_t tab = line.find('\t'); tab != std::string::npos) {
      if (parse_number<std::size_t>(std::string_view(line).substr(0, tab)) != names.size()) {
        throw DataError(fmt::format("{}: label id '{}', expected {}: ids count from 0 without gaps",
                                    lines.place(), line.substr(0, tab), names.size()));
      }
      line.erase(0, tab + 1);
    }
    if (std::find(names.begin(), names.end(), line) != names.end())
      throw DataError(fmt::format("{}: the label '{}' occurs twice", lines.place(), line));
    names.push_back(std::move(line));
  }
  if (names.size() < 2) {
    throw DataError(
        fmt::format("{}: {} labels, expected at least 2, one a line", file.string(), names.size()));
  }
  return names;
}

/// Where `model_labels` has that name: exactly, else in another case.
std::size_t find_label(const std::vector<std::string>& model_labels, const std::string& name) {
  auto found = std::ranges::find(model_labels, name);
  if (found == model_labels.end())
    found = std::ranges::find(model_labels, ascii_lower_case(name), ascii_lower_case);
  return static_cast<std::size_t>(found - model_labels.begin());
}

/// LABEL_0, LABEL_1, ...: what Hugging Face writes when nobody named the labels.
bool say_nothing(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != fmt::format("LABEL_{}", i) && names[i] != std::to_string(i)) return false;
  }
  return true;
}

}  // namespace

bool labels_fit(const std::vector<std::string>& model_labels,
                const std::vector<std::string>& names) {
  if (model_labels.empty() || names.empty() || say_nothing(model_labels)) return true;
  const auto lowered = [](const std::vector<std::string>& labels) {
    std::multiset<std::string> result;
    for (const std::string& label : labels) result.insert(ascii_lower_case(label));
    return result;
  };
  return lowered(model_labels) == lowered(names);
}

LabelMap::LabelMap(const Task& task, const fs::path& data_file,
                   const std::vector<std::string>& model_labels)
    : data_file_(data_file), is_regression_(task.is_regression) {
  if (is_regression_) return;
  const fs::path label_file = data_file.parent_path() / "labels.txt";
  const bool has_file = fs::exists(label_file);
  file_names_ = has_file ? read_label_names(label_file) : task.label_names;
  if (file_names_.empty()) file_names_ = model_labels;
  names_ = file_names_;
  file_to_model_.resize(file_names_.size());
  std::iota(file_to_model_.begin(), file_to_model_.end(), std::size_t{0});
  if (model_labels.empty() || model_labels == file_names_) return;

  if (model_labels.size() != file_names_.size() || !labels_fit(model_labels, file_names_)) {
    throw DataError(fmt::format(
        "the model's labels are {}, those of {} are {}; expected the same names in any order",
        fmt::join(model_labels, ", "),
        has_file ? "'" + label_file.string() + "'" : "task '" + task.name + "'",
        fmt::join(file_names_, ", ")));
  }
  if (say_nothing(model_labels)) return;
  for (std::size_t i = 0; i < file_names_.size(); ++i) {
    file_to_model_[i] = find_label(model_labels, file_names_[i]);
    for (std::size_t j = 0; j < i; ++j) {
      if (file_to_model_[j] != file_to_model_[i]) continue;
      throw DataError(fmt::format(
          "the labels '{}' and '{}' are both the model's '{}'; give them the model's names, in its "
          "case, or names that differ in more than case",
          file_names_[j], file_names_[i], model_labels[file_to_model_[i]]));
    }
    names_[file_to_model_[i]] = file_names_[i];
  }
}

double LabelMap::parse(const Example& example) const {
  return is_regression_ ? parse_score(example) : parse_class(example);
}

double LabelMap::parse_score(const Example& example) const {
  const auto score = parse_number<double>(example.label);
  if (!score || !std::isfinite(*score)) fail(example, "a finite number");
  return *score;
}

double LabelMap::parse_class(const Example& example) const {
  const auto name = std::find(file_names_.begin(), file_names_.end(), example.label);
  if (name != file_names_.end())
    return static_cast<double>(
        file_to_model_[static_cast<std::size_t>(name - file_names_.begin())]);
  const auto number = parse_number<std::size_t>(example.label);
  const auto is_number = [](const std::string& text) {
    return parse_number<double>(text).has_value();
  };
  if (!file_names_.empty() && std::ranges::all_of(file_names_, is_number)) {
    // Names such as 1 to 5: a number that is none of them must not count from 0.
    fail(example, fmt::format("one of {}", fmt::join(file_names_, ", ")));
  }
  if (file_names_.empty()) {
    constexpr std::size_t kMostClasses = 100'000;
    if (number && *number < kMostClasses) return static_cast<double>(*number);
    fail(example, "an integer from 0, or a labels.txt beside the file that lists the names");
  }
  if (!number || *number >= file_names_.size()) {
    fail(example,
         fmt::format("one of {}, or an integer from 0 to {} (add a label to labels.txt beside "
                     "the file when it is missing there)",
                     fmt::join(file_names_, ", "), file_names_.size() - 1));
  }
  return static_cast<double>(file_to_model_[*number]);
}

void LabelMap::fail(const Example& example, const std::string& expected) const {
  throw DataError(fmt::format("{}:{}: the label is '{}', expected {}", data_file_.string(),
                              example.line, example.label, expected));
}

}  // namespace prumux::text
