#include "core/text/tokenizer_files.h"

#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// One JSON object of a file, with typed access that names the file and the key.
class JsonFile {
 public:
  JsonFile(fs::path file, json content) : file_(std::move(file)), content_(std::move(content)) {
    if (!content_.is_object()) throw DataError(file_.string() + ": expected a JSON object");
  }

  static std::optional<JsonFile> read(const fs::path& file) {
    if (!fs::exists(file)) return std::nullopt;
    try {
      return JsonFile(file, json::parse(io::read_file(file)));
    } catch (const json::exception& problem) {
      throw DataError(fmt::format("{}: not valid JSON: {}", file.string(), problem.what()));
    }
  }

  const json& content() const { return content_; }

  /// Absent and null keys leave `value` as it is.
  bool get(const char* key, bool& value) const {
    const auto found = content_.find(key);
    if (found == content_.end() || found->is_null()) return false;
    if (!found->is_boolean()) fail(key, *found, "true or false");
    value = found->get<bool>();
    return true;
  }

  /// A token: a string, or an object with its `content`.
  void get_token(const char* key, std::string& token) const {
    const auto found = content_.find(key);
    if (found == content_.end() || found->is_null()) return;
    const json& value = found->is_object() && found->contains("content") ? (*found)["content"]  //
                                                                         : *found;
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
      fail(key, *found, "a token");
    token = value.get<std::string>();
  }

  void get_length(const char* key, std::size_t& length) const {
    const auto found = content_.find(key);
    if (found == content_.end() || found->is_null()) return;
    if (!found->is_number() || found->get<double>() < 1) fail(key, *found, "a positive number");
    // Hugging Face writes 1e30 for "no limit".
    constexpr double kLargest = 1e9;
    if (found->get<double>() <= kLargest) length = static_cast<std::size_t>(found->get<double>());
  }

  [[noreturn]] void fail(const std::string& key, const json& found,
                         const std::string& expected) const {
    throw DataError(fmt::format("{}: '{}' is {}, expected {}", file_.string(), key,
                                found.dump(-1, ' ', true, json::error_handler_t::replace),
                                expected));
  }

  const fs::path& file() const { return file_; }

 private:
  fs::path file_;
  json content_;
};

Vocabulary vocabulary_of(const JsonFile& tokenizer) {
  const json& content = tokenizer.content();
  const json model = content.value("model", json::object());
  const json type = model.is_object() ? model.value("type", json()) : json();
  // Files of old versions leave the type out.
  if (!type.is_null() && type != "WordPiece") tokenizer.fail("model.type", type, "\"WordPiece\"");
  const json vocabulary = model.is_object() ? model.value("vocab", json()) : json();
  if (!vocabulary.is_object() || vocabulary.empty())
    throw DataError(tokenizer.file().string() + ": 'model.vocab' is missing or not an object");
  std::vector<std::string> tokens(vocabulary.size());
  std::vector<bool> seen(tokens.size(), false);
  for (const auto& [token, id] : vocabulary.items()) {
    const bool is_valid = id.is_number_unsigned() && id.get<std::uint64_t>() < tokens.size() &&
                          !seen[id.get<std::size_t>()];
    if (!is_valid) {
      tokenizer.fail("model.vocab", id, fmt::format("ids 0 to {}, each once", tokens.size() - 1));
    }
    seen[id.get<std::size_t>()] = true;
    tokens[id.get<std::size_t>()] = token;
  }
  return Vocabulary(std::move(tokens));
}

/// The BertNormalizer of tokenizer.json, which may be one of a sequence.
void read_normalizer(const JsonFile& tokenizer, TokenizerSettings& settings) {
  const json normalizer = tokenizer.content().value("normalizer", json());
  std::vector<json> steps{normalizer};
  if (normalizer.is_object() && normalizer.contains("normalizers") &&
      normalizer["normalizers"].is_array()) {
    steps = normalizer["normalizers"].get<std::vector<json>>();
  }
  for (const json& step : steps) {
    if (!step.is_object() || step.value("type", json()) != "BertNormalizer") continue;
    const JsonFile options(tokenizer.file(), step);
    options.get("lowercase", settings.lower_case);
    settings.strip_accents = settings.lower_case;
    options.get("strip_accents", settings.strip_accents);
    options.get("handle_chinese_chars", settings.split_chinese_characters);
    return;
  }
  tokenizer.fail("normalizer", normalizer, "a BertNormalizer");
}

}  // namespace

TokenizerFiles read_tokenizer_files(const fs::path& folder) {
  const fs::path vocabulary_file = folder / "vocab.txt";
  const auto config = JsonFile::read(folder / "tokenizer_config.json");
  const bool has_case = config && config->content().contains("do_lower_case");
  const bool has_vocabulary = fs::exists(vocabulary_file);
  const auto tokenizer =
      has_case && has_vocabulary ? std::nullopt : JsonFile::read(folder / "tokenizer.json");
  if (!has_vocabulary && !tokenizer) {
    throw IoError(fmt::format(
        "'{}' has neither vocab.txt nor tokenizer.json; expected a model folder with a WordPiece "
        "tokenizer",
        folder.string()));
  }

  TokenizerSettings settings;
  if (tokenizer) read_normalizer(*tokenizer, settings);
  if (config) {
    if (config->get("do_lower_case", settings.lower_case))
      settings.strip_accents = settings.lower_case;
    config->get("strip_accents", settings.strip_accents);
    config->get("tokenize_chinese_chars", settings.split_chinese_characters);
    config->get_length("model_max_length", settings.max_length);
    config->get_token("unk_token", settings.unknown_token);
    config->get_token("sep_token", settings.separator_token);
    config->get_token("pad_token", settings.padding_token);
    config->get_token("cls_token", settings.class_token);
    config->get_token("mask_token", settings.mask_token);
  }
  return {has_vocabulary ? Vocabulary::load(vocabulary_file) : vocabulary_of(*tokenizer),
          std::move(settings)};
}

void write_tokenizer_files(const fs::path& folder, const Vocabulary& vocabulary,
                           const TokenizerSettings& settings) {
  std::string lines;
  for (const std::string& token : vocabulary.tokens()) lines += token + '\n';
  nlohmann::ordered_json config = {
      {"tokenizer_class", "BertTokenizer"},
      {"do_lower_case", settings.lower_case},
      {"strip_accents", settings.strip_accents},
      {"tokenize_chinese_chars", settings.split_chinese_characters},
      {"unk_token", settings.unknown_token},
      {"sep_token", settings.separator_token},
      {"pad_token", settings.padding_token},
      {"cls_token", settings.class_token},
      {"mask_token", settings.mask_token},
  };
  if (settings.max_length != kNoLengthLimit) config["model_max_length"] = settings.max_length;
  io::write_file_atomically(folder / "vocab.txt", lines);
  io::write_file_atomically(folder / "tokenizer_config.json", config.dump(2) + '\n');
}

}  // namespace prumux::text
