#include "core/model/safetensors.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/model/json.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// As the reference implementation: no model needs more, and a wild number asks for no memory.
constexpr std::uint64_t kMaximumHeaderSize = 100'000'000;

struct TypeName {
  const char* name;
  at::ScalarType type;
};
constexpr TypeName kTypes[] = {{"F64", at::kDouble},    {"F32", at::kFloat}, {"F16", at::kHalf},
                               {"BF16", at::kBFloat16}, {"I64", at::kLong},  {"I32", at::kInt},
                               {"I16", at::kShort},     {"I8", at::kChar},   {"U8", at::kByte},
                               {"BOOL", at::kBool}};

struct Entry {
  std::string name;
  at::ScalarType type = at::kFloat;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class Reader {
 public:
  explicit Reader(const fs::path& file) : file_(file) {
    std::error_code code;
    if (fs::is_directory(file, code)) {
      throw IoError(fmt::format("'{}' is a folder, expected a file", file.string()));
    }
    errno = 0;
    stream_.open(file, std::ios::binary);
    if (!stream_) {
      throw IoError(fmt::format("cannot read '{}': {}", file.string(), std::strerror(errno)));
    }
    size_ = fs::file_size(file, code);
    if (code) {
      throw IoError(fmt::format("'{}' is no regular file ({}); tensors are read from files only",
                                file.string(), code.message()));
    }
  }

  TensorMap read() {
    const json header = read_header();
    std::vector<Entry> entries;
    for (const auto& [name, description] : header.items()) {
      if (name != "__metadata__") entries.push_back(read_entry(name, description));
    }
    check_layout(entries);
    TensorMap tensors;
    for (const Entry& entry : entries) tensors.emplace(entry.name, read_tensor(entry));
    return tensors;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(fmt::format("'{}' is no valid safetensors file: {}", file_.string(), problem));
  }

  void read_bytes(void* to, std::uint64_t count) {
    if (count == 0) return;
    stream_.read(static_cast<char*>(to), static_cast<std::streamsize>(count));
    if (!stream_) throw IoError(fmt::format("cannot read '{}' to its end", file_.string()));
  }

  json read_header() {
    std::uint64_t length = 0;
    if (size_ < sizeof length) fail("it is shorter than its 8-byte header length");
    read_bytes(&length, sizeof length);
    if (length > kMaximumHeaderSize || length > size_ - sizeof length) {
      fail(fmt::format("it says that its header has {} bytes, but the file has {}; is it cut off?",
                       length, size_));
    }
    std::string text(length, '\0');
    read_bytes(text.data(), length);
    data_start_ = sizeof length + length;
    return parse_header(text);
  }

  json parse_header(const std::string& text) const {
    std::set<std::string> names;
    std::string twice;
    const auto note = [&](int depth, json::parse_event_t event, json& parsed) {
      if (event == json::parse_event_t::key && depth == 1 &&
          !names.insert(parsed.get<std::string>()).second) {
        twice = parsed.get<std::string>();
      }
      return true;
    };
    json header;
    try {
      header = parse_json(text, note);
    } catch (const DataError& problem) {
      fail(fmt::format("its header is no JSON ({})", problem.what()));
    }
    if (!header.is_object()) fail("its header is no JSON object");
    if (!twice.empty()) fail(fmt::format("tensor '{}' occurs twice", twice));
    return header;
  }

  static std::optional<at::ScalarType> type_of(const std::string& name) {
    for (const TypeName& known : kTypes) {
      if (name == known.name) return known.type;
    }
    return std::nullopt;
  }

  Entry read_entry(const std::string& name, const json& description) const {
    const auto wrong = [&](const std::string& problem) {
      fail(fmt::format("tensor '{}': {}", name, problem));
    };
    if (!description.is_object()) wrong("its description is no object");
    Entry entry;
    entry.name = name;
    const json dtype = description.value("dtype", json());
    const std::optional<at::ScalarType> type =
        dtype.is_string() ? type_of(dtype.get<std::string>()) : std::nullopt;
    if (!type) wrong(fmt::format("dtype {} is not supported", dtype.dump()));
    entry.type = *type;

    const json shape = description.value("shape", json());
    if (!shape.is_array()) wrong("its shape is no list");
    auto bytes = static_cast<std::int64_t>(c10::elementSize(entry.type));
    bool empty = false;
    for (const json& size : shape) {
      if (!size.is_number_unsigned() || size > std::numeric_limits<std::int64_t>::max()) {
        wrong(fmt::format("its shape {} has an element that is no size", shape.dump()));
      }
      entry.shape.push_back(size.get<std::int64_t>());
      empty = empty || entry.shape.back() == 0;
      // The strides of an empty tensor are numbers too.
      const std::int64_t factor = std::max<std::int64_t>(entry.shape.back(), 1);
      if (__builtin_mul_overflow(bytes, factor, &bytes)) {
        wrong(fmt::format("its shape {} is too large", shape.dump()));
      }
    }
    const std::uint64_t needed = empty ? 0 : static_cast<std::uint64_t>(bytes);
    const json offsets = description.value("data_offsets", json());
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
      wrong("its data_offsets are no pair of numbers");
    }
    entry.begin = offsets[0].get<std::uint64_t>();
    entry.end = offsets[1].get<std::uint64_t>();
    if (entry.begin > entry.end || entry.end > size_ - data_start_) {
      wrong(
          fmt::format("its data_offsets {} are not inside the data, which has {} bytes; is the "
                      "file cut off?",
                      offsets.dump(), size_ - data_start_));
    }
    if (entry.end - entry.begin != needed) {
      wrong(fmt::format("it has {} bytes, but shape {} of {} needs {}", entry.end - entry.begin,
                        shape.dump(), dtype.dump(), needed));
    }
    return entry;
  }

  /// The format allows neither overlaps nor gaps.
  void check_layout(std::vector<Entry>& entries) const {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    std::uint64_t position = 0;
    for (const Entry& entry : entries) {
      if (entry.begin < position) {
        fail(fmt::format("tensor '{}' overlaps the one before it", entry.name));
      }
      if (entry.begin > position) {
        fail(fmt::format("there are {} unused bytes before tensor '{}'", entry.begin - position,
                         entry.name));
      }
      position = entry.end;
    }
    if (position != size_ - data_start_) {
      fail(fmt::format("there are {} unused bytes at its end", size_ - data_start_ - position));
    }
  }

  // Copied, not mapped: a file that is cut off while it is mapped would end the process.
  at::Tensor read_tensor(const Entry& entry) {
    at::Tensor tensor = at::empty(entry.shape, entry.type);
    if (entry.type == at::kBool) {
      at::Tensor bytes = at::empty(entry.shape, at::kByte);
      read_bytes(bytes.data_ptr(), entry.end - entry.begin);
      return bytes.ne(0);
    }
    read_bytes(tensor.data_ptr(), entry.end - entry.begin);
    return tensor;
  }

  fs::path file_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
  std::uint64_t data_start_ = 0;
};

const char* name_of(const std::string& tensor, at::ScalarType type) {
  for (const TypeName& known : kTypes) {
    if (type == known.type) return known.name;
  }
  throw DataError(fmt::format("tensor '{}' has the type {}, which safetensors files do not hold",
                              tensor, c10::toString(type)));
}

std::string header_text(const TensorMap& tensors) {
  json header = json::object();
  std::uint64_t position = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::uint64_t bytes = tensor.nbytes();
    header[name] = {{"dtype", name_of(name, tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {position, position + bytes}}};
    position += bytes;
  }
  header["__metadata__"] = {{"format", "pt"}};
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace

TensorMap read_safetensors(const fs::path& file) { return Reader(file).read(); }

void write_safetensors(const fs::path& file, const TensorMap& tensors) {
  const std::string header = header_text(tensors);
  io::write_file_atomically(file, [&](const fs::path& temporary) {
    errno = 0;
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    const std::uint64_t length = header.size();
    stream.write(reinterpret_cast<const char*>(&length), sizeof length);
    stream.write(header.data(), static_cast<std::streamsize>(header.size()));
    for (const auto& entry : tensors) {
      const at::Tensor dense = entry.second.detach().to(at::kCPU).contiguous();
      if (dense.numel() == 0) continue;
      stream.write(static_cast<const char*>(dense.data_ptr()),
                   static_cast<std::streamsize>(dense.nbytes()));
    }
    stream.close();
    if (!stream) {
      throw IoError(fmt::format("cannot write '{}': {}", file.string(), std::strerror(errno)));
    }
  });
}

}  // namespace prumux::model
