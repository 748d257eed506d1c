#include "core/text/entities.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>

#include "core/text/ratio.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

/// A label taken apart: "I-person" is 'I' of "person".
struct Tag {
  char mark = 'O';
  std::string_view type;

  static Tag of(std::string_view label) {
    if (label.empty() || label == "O") return {};
    const std::size_t hyphen = label.find('-');
    if (hyphen == std::string_view::npos) return {label.front(), {}};
    return {label.front(), label.substr(hyphen + 1)};
  }

  bool is_outside() const { return mark == 'O'; }
};

bool ends_before(const Tag& previous, const Tag& next) {
  if (previous.is_outside()) return false;
  const bool is_last = previous.mark == 'E' || previous.mark == 'S';
  const bool is_cut = next.is_outside() || next.mark == 'B' || next.mark == 'S';
  return is_last || is_cut || previous.type != next.type;
}

class Counts {
 public:
  void add_words(const std::vector<std::int64_t>& predicted,
                 const std::vector<std::int64_t>& actual) {
    for (std::size_t i = 0; i < actual.size(); ++i) right_words_ += predicted[i] == actual[i];
    words_ += actual.size();
  }

  void add_entities(const std::vector<Entity>& predicted, const std::vector<Entity>& actual) {
    for (const Entity& entity : predicted)
      right_entities_ += std::count(actual.begin(), actual.end(), entity);
    predicted_entities_ += predicted.size();
    actual_entities_ += actual.size();
  }

  std::size_t words() const { return words_; }
  double accuracy() const { return ratio(right_words_, static_cast<double>(words_)); }
  double precision() const {
    return ratio(right_entities_, static_cast<double>(predicted_entities_));
  }
  double recall() const { return ratio(right_entities_, static_cast<double>(actual_entities_)); }
  double f1() const {
    return ratio(2.0 * right_entities_,
                 static_cast<double>(predicted_entities_ + actual_entities_));
  }

 private:
  double right_words_ = 0;
  double right_entities_ = 0;
  std::size_t words_ = 0;
  std::size_t predicted_entities_ = 0;
  std::size_t actual_entities_ = 0;
};

std::vector<Entity> entities_of(const std::vector<std::int64_t>& ids,
                                const std::vector<std::string>& names) {
  std::vector<std::string> labels;
  for (const std::int64_t id : ids) {
    if (id < 0 || static_cast<std::size_t>(id) >= names.size()) {
      throw DataError(
          fmt::format("cannot score the class {}, expected 0 to {}", id, names.size() - 1));
    }
    labels.push_back(names[static_cast<std::size_t>(id)]);
  }
  return find_entities(labels);
}

}  // namespace

std::vector<Entity> find_entities(std::span<const std::string> labels) {
  std::vector<Entity> entities;
  Tag previous;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= labels.size(); ++i) {
    const Tag next = i < labels.size() ? Tag::of(labels[i]) : Tag();
    const bool ends = ends_before(previous, next);
    if (ends) entities.push_back({std::string(previous.type), begin, i});
    if (ends || previous.is_outside()) begin = i;
    previous = next;
  }
  return entities;
}

Scores score_labelled_words(const Task& task, const std::vector<std::string>& names,
                            const LabelRows& predicted, const LabelRows& actual) {
  const auto same_length = [](const auto& a, const auto& b) { return a.size() == b.size(); };
  if (predicted.size() != actual.size() ||
      !std::equal(predicted.begin(), predicted.end(), actual.begin(), same_length)) {
    throw DataError("cannot score predicted labels of other words than those that have labels");
  }
  const bool has_entities =
      std::find(task.metrics.begin(), task.metrics.end(), Metric::kEntityF1) != task.metrics.end();
  Counts counts;
  for (std::size_t row = 0; row < actual.size(); ++row) {
    counts.add_words(predicted[row], actual[row]);
    if (has_entities)
      counts.add_entities(entities_of(predicted[row], names), entities_of(actual[row], names));
  }
  if (counts.words() == 0) throw DataError("cannot score labels of words: there is no word");
  Scores scores = {{"accuracy", counts.accuracy()}};
  if (has_entities) {
    scores["precision"] = counts.precision();
    scores["recall"] = counts.recall();
    scores["f1"] = counts.f1();
  }
  return scores;
}

}  // namespace prumux::text
