#include "core/config/load.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "core/config/yaml_reader.h"
#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::config {
namespace {

namespace fs = std::filesystem;

class Loader {
 public:
  Value load(const fs::path& file, const Place* from) {
    // A name that the system refuses is reported where the file is read.
    std::error_code code;
    const fs::path identity = fs::weakly_canonical(file, code);
    if (std::find(open_.begin(), open_.end(), identity) != open_.end()) {
      throw ConfigError(from->text() + ": extends '" + file.string() +
                        "', which extends this file - expected no cycle");
    }
    open_.push_back(identity);
    Value own = read(file, from);
    const std::vector<Value> parents = take_parents(own);
    Value result = Value::map(own.place);
    for (const Value& parent : parents) {
      result =
          merge(result, load(parent.path().lexically_proximate(fs::current_path()), &parent.place));
    }
    open_.pop_back();
    return merge(result, own);
  }

 private:
  static Value read(const fs::path& file, const Place* from) {
    Value value;
    try {
      const Place origin{file.string(), 1, 1, fs::absolute(file).parent_path()};
      value = parse_yaml(io::read_file(file), origin);
    } catch (const IoError& problem) {
      throw ConfigError((from == nullptr ? "" : from->text() + ": ") + problem.what());
    }
    if (!value.is_map()) {
      throw ConfigError(value.place.text() + ": " + describe(value) +
                        " - expected a map of settings, such as 'name: quickstart'");
    }
    return value;
  }

  static std::vector<Value> take_parents(Value& own) {
    const Value* extends = own.find("extends");
    if (extends == nullptr) return {};
    std::vector<Value> parents = extends->is_list() ? extends->items : std::vector<Value>{*extends};
    for (const Value& parent : parents) {
      if (!parent.is_scalar()) {
        throw ConfigError(parent.place.text() + ": extends is " + describe(parent) +
                          " - expected the path of a configuration, or a list of them");
      }
    }
    own.remove("extends");
    return parents;
  }

  std::vector<fs::path> open_;
};

}  // namespace

Value load(const fs::path& file) { return Loader().load(file, nullptr); }

Value merge(const Value& base, const Value& over) {
  if (!base.is_map() || !over.is_map()) return over;
  Value result = base;
  result.place = over.place;
  for (const Value::Entry& entry : over.entries) {
    const Value* old = base.find(entry.key);
    result.set(entry.key, entry.key_place, old == nullptr ? entry.value : merge(*old, entry.value));
  }
  return result;
}

}  // namespace prumux::config
