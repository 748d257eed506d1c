#include "core/config/print.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace prumux::config {
namespace {

class Printer {
 public:
  explicit Printer(bool origin) : origin_(origin) { out_.SetPostCommentIndent(1); }

  std::string print(const Value& value) {
    emit(value);
    return std::string(out_.c_str()) + "\n";
  }

 private:
  void emit(const Value& value) {
    switch (value.kind) {
      case Value::Kind::null:
        out_ << YAML::Null;
        break;
      case Value::Kind::scalar:
        emit_scalar(value);
        break;
      case Value::Kind::list:
        emit_list(value);
        break;
      case Value::Kind::map:
        if (value.entries.empty()) out_ << YAML::Flow;
        out_ << YAML::BeginMap;
        for (const Value::Entry& entry : value.entries) {
          out_ << YAML::Key << entry.key << YAML::Value;
          emit(entry.value);
          comment(entry.value);
        }
        out_ << YAML::EndMap;
        break;
    }
  }

  void emit_scalar(const Value& value) {
    if (value.quoted) out_ << YAML::DoubleQuoted;
    out_ << value.text;
  }

  void emit_list(const Value& value) {
    if (is_flat(value)) out_ << YAML::Flow;
    out_ << YAML::BeginSeq;
    for (const Value& item : value.items) emit(item);
    out_ << YAML::EndSeq;
  }

  static bool is_flat(const Value& list) {
    return std::all_of(list.items.begin(), list.items.end(),
                       [](const Value& item) { return item.is_scalar(); });
  }

  void comment(const Value& value) {
    const bool one_line = value.is_scalar() || (value.is_list() && is_flat(value));
    if (origin_ && one_line) out_ << YAML::Comment(value.place.text());
  }

  YAML::Emitter out_;
  bool origin_;
};

}  // namespace

std::string to_yaml(const Value& value, bool origin) { return Printer(origin).print(value); }

}  // namespace prumux::config
