#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/text/metrics.h"
#include "core/text/task.h"

namespace prumux::text {

/// A named entity: the words from `begin` to before `end` of a sentence.
struct Entity {
  std::string type;
  std::size_t begin = 0;
  std::size_t end = 0;

  auto operator<=>(const Entity&) const = default;
};

/// The entities that labels like "B-person", "I-person" and "O" mark, in order. IOB1, IOB2, IOE and
/// IOBES are read alike, as conlleval does: an entity also begins where the type changes.
std::vector<Entity> find_entities(std::span<const std::string> labels);

/// Class ids of the words of sentences.
using LabelRows = std::vector<std::vector<std::int64_t>>;

/// Scores of a task that labels words; `names` are those of the classes. accuracy: share of words;
/// for entities also precision, recall and f1 of those whose words and type are right (CoNLL-2000).
/// Throws `DataError` when there is no word, or predictions and labels differ in number.
Scores score_labelled_words(const Task& task, const std::vector<std::string>& names,
                            const LabelRows& predicted, const LabelRows& actual);

}  // namespace prumux::text
