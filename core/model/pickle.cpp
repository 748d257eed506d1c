#include "core/model/pickle.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "prumux/error.h"

namespace prumux::model {
namespace {

struct Value;
using Values = std::vector<Value>;
using Dictionary = std::vector<std::pair<Value, Value>>;

struct Mark {};
struct None {};
/// Shared: a pickle repeats a long text in two bytes.
using Text = std::shared_ptr<const std::string>;
struct Global {
  Text name;
};
struct Storage {
  Text type;
  Text key;
};

/// Containers are the interpreter's: a pickle fills one after it has remembered it, and may nest
/// them deeper than destructors can follow.
struct Value {
  std::variant<None, Mark, bool, std::int64_t, double, Text, Global, const Values*, Dictionary*,
               Storage, at::Tensor>
      content;
};

/// Opcodes of protocols 2 to 4 that torch.save uses.
enum Opcode : unsigned char {
  kMark = '(',
  kStop = '.',
  kBinaryFloat = 'G',
  kBinaryInt = 'J',
  kBinaryInt1 = 'K',
  kBinaryInt2 = 'M',
  kNone = 'N',
  kBinaryPersistentId = 'Q',
  kReduce = 'R',
  kBinaryUnicode = 'X',
  kBuild = 'b',
  kGlobal = 'c',
  kBinaryGet = 'h',
  kLongBinaryGet = 'j',
  kBinaryPut = 'q',
  kLongBinaryPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kEmptyDict = '}',
  kEmptyTuple = ')',
  kProtocol = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinaryUnicode = 0x8c,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
};

class Interpreter {
 public:
  Interpreter(std::string_view pickle, const StorageLoader& load_storage)
      : pickle_(pickle), load_storage_(load_storage) {}

  TensorMap run() {
    while (true) {
      const unsigned char opcode = byte();
      if (opcode == kStop) break;
      execute(opcode);
    }
    return tensors_of(pop());
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(
        fmt::format("at byte {} of its pickle: {}; expected a dictionary of tensors as "
                    "torch.save writes a state dict",
                    position_, problem));
  }

  unsigned char byte() { return static_cast<unsigned char>(take(1)[0]); }

  std::string_view take(std::uint64_t count) {
    if (count > pickle_.size() - position_) fail("it ends too early");
    const std::string_view bytes = pickle_.substr(position_, count);
    position_ += count;
    return bytes;
  }

  template <typename Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  std::string line() {
    const std::size_t end = pickle_.find('\n', position_);
    if (end == std::string_view::npos) fail("it ends too early");
    const std::string text(take(end - position_));
    take(1);
    return text;
  }

  void push(Value value) { stack_.push_back(std::move(value)); }

  template <typename Content>
  void push_content(Content&& content) {
    stack_.push_back(Value{std::forward<Content>(content)});
  }

  Value pop() {
    if (stack_.empty()) fail("a value is missing");
    Value value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }

  Values pop_count(std::size_t count) {
    Values values(count);
    for (std::size_t left = count; left > 0; --left) values[left - 1] = pop();
    return values;
  }

  Values pop_to_mark() {
    Values values;
    while (true) {
      Value value = pop();
      if (std::holds_alternative<Mark>(value.content)) break;
      values.push_back(std::move(value));
    }
    return {std::make_move_iterator(values.rbegin()), std::make_move_iterator(values.rend())};
  }

  template <typename Content>
  const Content& as(const Value& value, const char* what) const {
    const Content* content = std::get_if<Content>(&value.content);
    if (content == nullptr) fail(fmt::format("something else than {}", what));
    return *content;
  }

  void push_text(std::string_view text) { push_content(std::make_shared<const std::string>(text)); }

  void push_tuple(Values items) {
    tuples_.push_back(std::move(items));
    push_content(&std::as_const(tuples_.back()));
  }

  void push_dictionary() { push_content(&dictionaries_.emplace_back()); }

  void remember(std::uint64_t index) {
    if (stack_.empty()) fail("nothing to remember");
    // A pickle numbers what it remembers from 0; each takes at least one byte.
    if (index > pickle_.size()) fail("a number for a remembered value that is too large");
    memory_[index] = stack_.back();
  }

  void recall(std::uint64_t index) {
    const auto found = memory_.find(index);
    if (found == memory_.end()) fail("a remembered value is missing");
    push(found->second);
  }

  void push_global(const std::string& module, const std::string& name) {
    static constexpr std::string_view kKnown[] = {"collections.OrderedDict",
                                                  "torch._utils._rebuild_tensor_v2",
                                                  "torch._utils._rebuild_parameter"};
    const std::string full = module + "." + name;
    bool known = module == "torch" && name.ends_with("Storage");
    for (const std::string_view candidate : kKnown) known = known || full == candidate;
    if (!known) fail(fmt::format("it refers to '{}', which is not needed for tensors", full));
    push_content(Global{std::make_shared<const std::string>(full)});
  }

  void execute(unsigned char opcode) {
    switch (opcode) {
      case kProtocol: {
        const unsigned char protocol = byte();
        if (protocol < 2 || protocol > 4) fail(fmt::format("pickle protocol {}", protocol));
        return;
      }
      case kFrame:
        take(sizeof(std::uint64_t));
        return;
      case kMark:
        return push_content(Mark{});
      case kNone:
        return push_content(None{});
      case kNewTrue:
        return push_content(true);
      case kNewFalse:
        return push_content(false);
      case kEmptyTuple:
        return push_tuple({});
      case kTuple:
        return push_tuple(pop_to_mark());
      case kTuple1:
      case kTuple2:
      case kTuple3:
        return push_tuple(pop_count(opcode - kTuple1 + 1U));
      case kEmptyDict:
        return push_dictionary();
      default:
        execute_number_or_text(opcode);
    }
  }

  void execute_number_or_text(unsigned char opcode) {
    switch (opcode) {
      case kBinaryInt:
        return push_content(std::int64_t{number<std::int32_t>()});
      case kBinaryInt1:
        return push_content(std::int64_t{byte()});
      case kBinaryInt2:
        return push_content(std::int64_t{number<std::uint16_t>()});
      case kLong1:
        return push_content(long_integer(byte()));
      case kBinaryFloat:
        take(sizeof(double));
        return push_content(0.0);
      case kBinaryUnicode:
        return push_text(take(number<std::uint32_t>()));
      case kShortBinaryUnicode:
        return push_text(take(byte()));
      default:
        execute_memory_or_object(opcode);
    }
  }

  void execute_memory_or_object(unsigned char opcode) {
    switch (opcode) {
      case kBinaryPut:
        return remember(byte());
      case kLongBinaryPut:
        return remember(number<std::uint32_t>());
      case kMemoize:
        return remember(memory_.size());
      case kBinaryGet:
        return recall(byte());
      case kLongBinaryGet:
        return recall(number<std::uint32_t>());
      case kGlobal: {
        const std::string module = line();
        return push_global(module, line());
      }
      case kStackGlobal: {
        const Values names = pop_count(2);
        return push_global(*as<Text>(names[0], "a module's name"),
                           *as<Text>(names[1], "a global's name"));
      }
      case kBinaryPersistentId:
        return push_content(storage_in(pop()));
      case kReduce:
        return reduce();
      case kBuild:  // a state dict's _metadata
        pop();
        return;
      case kSetItem:
        return set_items(pop_count(2));
      case kSetItems:
        return set_items(pop_to_mark());
      default:
        fail(fmt::format("opcode 0x{:02x}", opcode));
    }
  }

  std::int64_t long_integer(unsigned char length) {
    if (length > sizeof(std::int64_t)) fail("an integer of more than 64 bits");
    std::int64_t value = 0;
    const std::string_view bytes = take(length);
    if (!bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0) value = -1;
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }

  void set_items(const Values& items) {
    if (items.size() % 2 != 0 || stack_.empty()) fail("a key without a value");
    Dictionary* const dictionary =
        as<Dictionary*>(stack_.back(), "a dictionary to put values into");
    for (std::size_t index = 0; index < items.size(); index += 2) {
      dictionary->emplace_back(items[index], items[index + 1]);
    }
  }

  /// ('storage', <type>, key, device, size)
  Storage storage_in(const Value& value) const {
    const Values& parts = *as<const Values*>(value, "a storage");
    if (parts.size() < 3 || *as<Text>(parts[0], "the word 'storage'") != "storage") {
      fail("something else than a storage");
    }
    return {as<Global>(parts[1], "a storage type").name, as<Text>(parts[2], "a storage's key")};
  }

  void reduce() {
    const Value arguments = pop();
    const Value callee = pop();
    const Values& items = *as<const Values*>(arguments, "arguments");
    const std::string& name = *as<Global>(callee, "something to rebuild").name;
    if (name == "collections.OrderedDict") {
      if (!items.empty()) fail("an OrderedDict with arguments");
      return push_dictionary();
    }
    if (name == "torch._utils._rebuild_tensor_v2") return push_content(rebuild_tensor(items));
    if (name == "torch._utils._rebuild_parameter") {
      if (items.empty()) fail("a parameter without a tensor");
      return push_content(as<at::Tensor>(items[0], "a tensor"));
    }
    fail(fmt::format("'{}' is called", name));
  }

  std::vector<std::int64_t> sizes(const Value& value, const char* what) const {
    std::vector<std::int64_t> result;
    for (const Value& item : *as<const Values*>(value, what)) {
      result.push_back(as<std::int64_t>(item, what));
      if (result.back() < 0) fail(fmt::format("a negative number in {}", what));
    }
    return result;
  }

  /// (storage, offset, shape, strides, requires_grad, hooks)
  at::Tensor rebuild_tensor(const Values& items) {
    if (items.size() < 4) fail("a tensor with too few arguments");
    const at::Tensor storage = storage_of(as<Storage>(items[0], "a storage"));
    const std::int64_t offset = as<std::int64_t>(items[1], "an offset");
    const std::vector<std::int64_t> shape = sizes(items[2], "a shape");
    const std::vector<std::int64_t> strides = sizes(items[3], "strides");
    if (shape.size() != strides.size() || offset < 0) fail("a tensor whose strides do not fit");
    std::int64_t last = offset;
    std::int64_t count = 1;
    bool empty = false;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const std::int64_t size = std::max<std::int64_t>(shape[axis], 1);
      std::int64_t span = 0;
      empty = empty || shape[axis] == 0;
      if (__builtin_mul_overflow(count, size, &count) ||
          __builtin_mul_overflow(size - 1, strides[axis], &span) ||
          __builtin_add_overflow(last, span, &last)) {
        fail("a tensor that is too large");
      }
    }
    // A tensor may end before its storage, but not repeat elements: few bytes would become many.
    if (!empty && std::max(last, count - 1) >= storage.numel()) {
      fail(fmt::format("a tensor of {} elements and more in a storage of {}",
                       std::max(last + 1, count), storage.numel()));
    }
    return empty ? at::empty(shape, storage.options()) : storage.as_strided(shape, strides, offset);
  }

  at::Tensor storage_of(const Storage& reference) {
    at::Tensor& storage = storages_[*reference.key];
    if (!storage.defined()) {
      const std::string& type = *reference.type;
      storage = load_storage_({type.substr(type.rfind('.') + 1), *reference.key});
    }
    return storage;
  }

  TensorMap tensors_of(const Value& value) const {
    TensorMap tensors;
    for (const auto& [key, item] : *as<Dictionary*>(value, "a dictionary of tensors")) {
      const std::string& name = *as<Text>(key, "a tensor's name");
      if (!std::holds_alternative<at::Tensor>(item.content)) {
        fail(fmt::format("entry '{}' is no tensor", name));
      }
      tensors.insert_or_assign(name, std::get<at::Tensor>(item.content));
    }
    return tensors;
  }

  std::string_view pickle_;
  const StorageLoader& load_storage_;
  std::size_t position_ = 0;
  std::deque<Values> tuples_;
  std::deque<Dictionary> dictionaries_;
  Values stack_;
  std::map<std::uint64_t, Value> memory_;
  std::map<std::string, at::Tensor> storages_;
};

}  // namespace

TensorMap read_pickled_tensors(std::string_view pickle, const StorageLoader& load_storage) {
  return Interpreter(pickle, load_storage).run();
}

}  // namespace prumux::model
