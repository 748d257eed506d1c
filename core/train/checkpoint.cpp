#include "core/train/checkpoint.h"

#include <spdlog/spdlog.h>
#include <torch/types.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/safetensors.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStepPrefix = "step-";
constexpr std::string_view kBestPrefix = "best-";
constexpr std::string_view kSuffix = ".safetensors";
/// The tensor that holds the fingerprint and the `TrainingState` as JSON text.
constexpr const char* kStateTensor = "training_state";

fs::path checkpoint_folder(const fs::path& directory) { return directory / "checkpoints"; }

std::string file_name(std::string_view prefix, std::int64_t step) {
  return fmt::format("{}{:09}{}", prefix, step, kSuffix);
}

/// The steps of the files `prefix`<step>.safetensors, ascending.
std::vector<std::int64_t> steps_of(const fs::path& folder, std::string_view prefix) {
  std::vector<std::int64_t> steps;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(kSuffix)) continue;
    const char* begin = name.data() + prefix.size();
    const char* end = name.data() + name.size() - kSuffix.size();
    std::int64_t step = 0;
    const auto result = std::from_chars(begin, end, step);
    if (result.ec == std::errc{} && result.ptr == end) steps.push_back(step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

at::Tensor text_tensor(const std::string& text) {
  const at::Tensor bytes = at::empty({static_cast<std::int64_t>(text.size())}, at::kByte);
  std::copy(text.begin(), text.end(), bytes.data_ptr<std::uint8_t>());
  return bytes;
}

std::string text_of(const at::Tensor& tensor) {
  const at::Tensor bytes = tensor.to(at::kByte).contiguous();
  const auto* data = bytes.const_data_ptr<std::uint8_t>();
  return {data, data + bytes.numel()};
}

/// Throws `IoError` when the file cannot be read, `DataError` or a JSON error when it is damaged.
Checkpoint read(const fs::path& file) {
  TensorMap tensors = model::read_safetensors(file);
  const auto found = tensors.find(kStateTensor);
  if (found == tensors.end()) throw DataError("'" + file.string() + "' holds no training state");
  const nlohmann::json json = nlohmann::json::parse(text_of(found->second));
  tensors.erase(found);
  return {training_state_from_json(json), std::move(tensors),
          json.at("fingerprint").get<std::string>()};
}

}  // namespace

std::optional<std::int64_t> newest_checkpoint_step(const fs::path& directory) {
  const auto steps = steps_of(checkpoint_folder(directory), kStepPrefix);
  if (steps.empty()) return std::nullopt;
  return steps.back();
}

CheckpointStore::CheckpointStore(const fs::path& directory, std::string fingerprint,
                                 std::int64_t keep)
    : folder_(checkpoint_folder(directory)),
      fingerprint_(std::move(fingerprint)),
      keep_(std::max<std::int64_t>(1, keep)) {}

std::optional<Checkpoint> CheckpointStore::load_newest() {
  std::error_code code;
  std::optional<Checkpoint> newest;
  auto steps = steps_of(folder_, kStepPrefix);
  for (; !steps.empty() && !newest; steps.pop_back()) {
    const fs::path file = folder_ / file_name(kStepPrefix, steps.back());
    try {
      newest = read(file);
    } catch (const nlohmann::json::exception& problem) {
      spdlog::warn("passing over checkpoint '{}': {}", file.string(), problem.what());
    } catch (const DataError& problem) {
      spdlog::warn("passing over a checkpoint: {}", problem.what());
    }
    if (!newest) fs::remove(file, code);
  }
  if (newest) expect_own(*newest);
  // What lies after the checkpoint is made again, exactly as it was.
  const std::int64_t resumed_step = newest ? newest->state.step : -1;
  for (const std::int64_t step : steps_of(folder_, kBestPrefix)) {
    if (step > resumed_step) fs::remove(folder_ / file_name(kBestPrefix, step), code);
  }
  return newest;
}

void CheckpointStore::expect_own(const Checkpoint& checkpoint) const {
  if (checkpoint.fingerprint == fingerprint_) return;
  throw DataError(fmt::format(
      "'{}' has a checkpoint of another training ({}, expected {}): remove the folder, or choose "
      "another output folder",
      folder_.string(), checkpoint.fingerprint, fingerprint_));
}

void CheckpointStore::save(const Checkpoint& checkpoint) {
  nlohmann::json json = to_json(checkpoint.state);
  json["fingerprint"] = fingerprint_;
  TensorMap tensors = checkpoint.tensors;
  tensors[kStateTensor] = text_tensor(json.dump());
  model::write_safetensors(folder_ / file_name(kStepPrefix, checkpoint.state.step), tensors);
  remove_superseded();
}

void CheckpointStore::save_best(std::int64_t step, const TensorMap& tensors) {
  model::write_safetensors(folder_ / file_name(kBestPrefix, step), tensors);
  remove_superseded();
}

TensorMap CheckpointStore::load_best(std::int64_t step) const {
  return model::read_safetensors(folder_ / file_name(kBestPrefix, step));
}

void CheckpointStore::remove_superseded() {
  std::error_code ignored;
  auto kept = steps_of(folder_, kStepPrefix);
  while (static_cast<std::int64_t>(kept.size()) > keep_) {
    fs::remove(folder_ / file_name(kStepPrefix, kept.front()), ignored);
    kept.erase(kept.begin());
  }
  // A checkpoint's best model is the last one that is not younger than itself.
  const auto best = steps_of(folder_, kBestPrefix);
  std::set<std::int64_t> needed;
  if (!best.empty()) needed.insert(best.back());
  for (const std::int64_t step : kept) {
    const auto after = std::upper_bound(best.begin(), best.end(), step);
    if (after != best.begin()) needed.insert(*std::prev(after));
  }
  for (const std::int64_t step : best) {
    if (!needed.contains(step)) fs::remove(folder_ / file_name(kBestPrefix, step), ignored);
  }
}

}  // namespace prumux::train
