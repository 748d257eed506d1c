#include "core/model/torch_archive.h"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <fstream>

#include "core/model/pickle.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

namespace fs = std::filesystem;

at::ScalarType type_of(const std::string& storage) {
  static constexpr std::pair<const char*, at::ScalarType> kTypes[] = {
      {"FloatStorage", at::kFloat}, {"DoubleStorage", at::kDouble},
      {"HalfStorage", at::kHalf},   {"BFloat16Storage", at::kBFloat16},
      {"LongStorage", at::kLong},   {"IntStorage", at::kInt},
      {"ShortStorage", at::kShort}, {"CharStorage", at::kChar},
      {"ByteStorage", at::kByte},   {"BoolStorage", at::kBool}};
  for (const auto& [name, type] : kTypes) {
    if (storage == name) return type;
  }
  throw DataError(fmt::format("storage type '{}' is not supported", storage));
}

/// The two formats differ in their first bytes.
void check_is_zip(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::error_code code;
  if (!stream || fs::is_directory(file, code)) {
    throw IoError(fmt::format("cannot read '{}'", file.string()));
  }
  std::array<char, 4> start{};
  stream.read(start.data(), start.size());
  if (std::string_view(start.data(), start.size()) == std::string_view("PK\x03\x04", 4)) return;
  throw DataError(fmt::format(
      "'{}' is no zip archive: it is damaged, or in the format that PyTorch wrote before 1.6. Load "
      "it in Python and save it again with torch.save, or as model.safetensors",
      file.string()));
}

at::Tensor load_storage(caffe2::serialize::PyTorchStreamReader& archive,
                        const StorageReference& reference) {
  const at::ScalarType type = type_of(reference.type);
  auto [data, size] = archive.getRecord("data/" + reference.key);
  const auto count = static_cast<std::int64_t>(size / c10::elementSize(type));
  if (size % c10::elementSize(type) != 0) {
    throw DataError(fmt::format("storage '{}' has {} bytes, no multiple of its element's size",
                                reference.key, size));
  }
  if (count == 0) return at::empty({0}, type);
  const at::ScalarType read_as = type == at::kBool ? at::kByte : type;
  const at::Tensor bytes = at::from_blob(data.get(), {count}, read_as).clone();
  return type == at::kBool ? bytes.ne(0) : bytes;
}

void check_byte_order(caffe2::serialize::PyTorchStreamReader& archive) {
  if (!archive.hasRecord("byteorder")) return;
  const auto [data, size] = archive.getRecord("byteorder");
  const std::string_view order(static_cast<const char*>(data.get()), size);
  if (order != "little") {
    throw DataError(fmt::format("its byte order is '{}', expected 'little'", order));
  }
}

}  // namespace

TensorMap read_torch_archive(const fs::path& file) {
  check_is_zip(file);
  try {
    caffe2::serialize::PyTorchStreamReader archive(file.string());
    check_byte_order(archive);
    const auto [data, size] = archive.getRecord("data.pkl");
    return read_pickled_tensors(
        {static_cast<const char*>(data.get()), size},
        [&](const StorageReference& reference) { return load_storage(archive, reference); });
  } catch (const c10::Error& problem) {
    throw DataError(fmt::format("'{}' is no valid torch archive: {}", file.string(),
                                problem.what_without_backtrace()));
  } catch (const DataError& problem) {
    throw DataError(fmt::format("'{}': {}", file.string(), problem.what()));
  }
}

}  // namespace prumux::model
