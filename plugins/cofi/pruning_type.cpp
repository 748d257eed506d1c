#include "pruning_type.h"

#include <sstream>

#include "prumux/error.h"

namespace prumux::cofi {
namespace {

bool& group(PruningType& type, const std::string& word, const std::string& text) {
  if (word == "structured_heads") return type.heads;
  if (word == "structured_mlp") return type.intermediates;
  if (word == "hidden") return type.hidden;
  if (word == "layer") return type.layers;
  throw ConfigError("pruning_type '" + text + "' has the unknown part '" + word +
                    "'; expected structured_heads, structured_mlp, hidden and layer, any of them, "
                    "joined by '+'");
}

}  // namespace

PruningType PruningType::parse(const std::string& text) {
  PruningType type;
  std::istringstream words(text + '+');
  for (std::string word; std::getline(words, word, '+');) {
    bool& selected = group(type, word, text);
    if (selected) {
      throw ConfigError("pruning_type '" + text + "' names '" + word + "' twice; name it once");
    }
    selected = true;
  }
  return type;
}

}  // namespace prumux::cofi
