#include "core/text/tokenizer_files.h"

#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
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

  /// Absent in strings, and where the key is absent: `value` stays as it is.
  void get_token_switch(const char* key, const char* name, bool& value) const {
    const auto found = content_.find(key);
    if (found == content_.end() || !found->is_object()) return;
    const json token_switch = found->value(name, json());
    if (token_switch.is_boolean()) value = token_switch.get<bool>();
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

json model_of(const JsonFile& tokenizer) {
  json model = tokenizer.content().value("model", json::object());
  if (!model.is_object()) tokenizer.fail("model", model, "an object");
  return model;
}

/// Whether it is a tokenizer of byte pairs; files of old versions leave WordPiece's type out.
bool is_byte_pairs(const JsonFile& tokenizer) {
  const json type = model_of(tokenizer).value("type", json());
  if (type.is_null() || type == "WordPiece") return false;
  if (type != "BPE") tokenizer.fail("model.type", type, "\"WordPiece\" or \"BPE\"");
  return true;
}

/// Tokens from an object {"token": id}.
Vocabulary vocabulary_of(const JsonFile& file, const std::string& key, const json& vocabulary) {
  std::vector<std::string> tokens(vocabulary.size());
  std::vector<bool> seen(tokens.size(), false);
  for (const auto& [token, id] : vocabulary.items()) {
    const bool is_valid = id.is_number_unsigned() && id.get<std::uint64_t>() < tokens.size() &&
                          !seen[id.get<std::size_t>()];
    if (!is_valid) file.fail(key, id, fmt::format("ids 0 to {}, each once", tokens.size() - 1));
    seen[id.get<std::size_t>()] = true;
    tokens[id.get<std::size_t>()] = token;
  }
  return Vocabulary(std::move(tokens));
}

Vocabulary vocabulary_of(const JsonFile& tokenizer) {
  const json vocabulary = model_of(tokenizer).value("vocab", json());
  if (!vocabulary.is_object() || vocabulary.empty())
    throw DataError(tokenizer.file().string() + ": 'model.vocab' is missing or not an object");
  return vocabulary_of(tokenizer, "model.vocab", vocabulary);
}

/// Lines "left right", or pairs, of tokenizer.json.
std::vector<std::string> merges_of(const JsonFile& tokenizer) {
  const json found = model_of(tokenizer).value("merges", json());
  const std::string expected = "a list of merges, each of two tokens";
  if (!found.is_array()) tokenizer.fail("model.merges", found, expected);
  std::vector<std::string> merges;
  for (const json& merge : found) {
    if (merge.is_string()) {
      merges.push_back(merge.get<std::string>());
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
               merge[1].is_string()) {
      merges.push_back(merge[0].get<std::string>() + ' ' + merge[1].get<std::string>());
    } else {
      tokenizer.fail("model.merges", merge, expected);
    }
  }
  return merges;
}

/// Lines of merges.txt without its header.
std::vector<std::string> read_merges(const fs::path& file) {
  std::istringstream stream(io::read_file(file));
  std::vector<std::string> merges;
  bool is_first = true;
  for (std::string line; std::getline(stream, line); is_first = false) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || (is_first && line.starts_with("#version"))) continue;
    merges.push_back(std::move(line));
  }
  return merges;
}

void read_special_tokens(const JsonFile& config, TokenizerSettings& settings) {
  config.get_length("model_max_length", settings.max_length);
  config.get_token("unk_token", settings.unknown_token);
  config.get_token("sep_token", settings.separator_token);
  config.get_token("pad_token", settings.padding_token);
  config.get_token("cls_token", settings.class_token);
  config.get_token("mask_token", settings.mask_token);
}

/// Vocabulary and merges from vocab.json and merges.txt, or else from `tokenizer`.
TokenizerFiles read_byte_pairs(const fs::path& folder, const std::optional<JsonFile>& config,
                               const std::optional<JsonFile>& tokenizer) {
  TokenizerSettings settings = TokenizerSettings::of_byte_pairs();
  if (config) read_special_tokens(*config, settings);
  if (tokenizer) {
    const json splitter = tokenizer->content().value("pre_tokenizer", json());
    if (splitter.is_object())
      JsonFile(tokenizer->file(), splitter).get("add_prefix_space", settings.add_prefix_space);
    for (const json& token : tokenizer->content().value("added_tokens", json::array())) {
      if (token.is_object() && token.value("content", json()) == settings.mask_token)
        JsonFile(tokenizer->file(), token).get("lstrip", settings.mask_takes_space);
    }
  }
  if (config) {
    config->get("add_prefix_space", settings.add_prefix_space);
    config->get_token_switch("mask_token", "lstrip", settings.mask_takes_space);
  }
  if (const auto vocabulary = JsonFile::read(folder / "vocab.json")) {
    return {vocabulary_of(*vocabulary, "vocab.json", vocabulary->content()), std::move(settings),
            read_merges(folder / "merges.txt")};
  }
  return {vocabulary_of(*tokenizer), std::move(settings), merges_of(*tokenizer)};
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
  if (!fs::is_directory(folder)) {
    throw IoError(fmt::format("there is no folder '{}'; expected one of a model", folder.string()));
  }
  const fs::path vocabulary_file = folder / "vocab.txt";
  const auto config = JsonFile::read(folder / "tokenizer_config.json");
  const bool has_case = config && config->content().contains("do_lower_case");
  const bool has_vocabulary = fs::exists(vocabulary_file);
  const auto tokenizer =
      has_case && has_vocabulary ? std::nullopt : JsonFile::read(folder / "tokenizer.json");
  const bool has_byte_pairs = fs::exists(folder / "vocab.json");
  if (!has_vocabulary && !has_byte_pairs && !tokenizer) {
    throw IoError(fmt::format(
        "'{}' has neither vocab.txt nor vocab.json nor tokenizer.json; expected a model folder "
        "with a WordPiece or byte-pair tokenizer",
        folder.string()));
  }
  if (!has_vocabulary && (has_byte_pairs || is_byte_pairs(*tokenizer)))
    return read_byte_pairs(folder, config, tokenizer);

  TokenizerSettings settings;
  if (tokenizer) read_normalizer(*tokenizer, settings);
  if (config) {
    if (config->get("do_lower_case", settings.lower_case))
      settings.strip_accents = settings.lower_case;
    config->get("strip_accents", settings.strip_accents);
    config->get("tokenize_chinese_chars", settings.split_chinese_characters);
    read_special_tokens(*config, settings);
  }
  return {has_vocabulary ? Vocabulary::load(vocabulary_file) : vocabulary_of(*tokenizer),
          std::move(settings)};
}

void write_tokenizer_files(const fs::path& folder, const Vocabulary& vocabulary,
                           const TokenizerSettings& settings,
                           const std::vector<std::string>& merges) {
  nlohmann::ordered_json config;
  if (settings.kind == TokenizerKind::byte_pairs) {
    std::string ids;
    for (const std::string& token : vocabulary.tokens()) {
      ids += (ids.empty() ? "{" : ", ") + json(token).dump() + ": " +
             std::to_string(*vocabulary.find(token));
    }
    std::string lines = "#version: 0.2\n";
    for (const std::string& merge : merges) lines += merge + '\n';
    io::write_file_atomically(folder / "vocab.json", ids + "}\n");
    io::write_file_atomically(folder / "merges.txt", lines);
    config = {{"tokenizer_class", "RobertaTokenizer"},
              {"add_prefix_space", settings.add_prefix_space}};
  } else {
    std::string lines;
    for (const std::string& token : vocabulary.tokens()) lines += token + '\n';
    io::write_file_atomically(folder / "vocab.txt", lines);
    config = {{"tokenizer_class", "BertTokenizer"},
              {"do_lower_case", settings.lower_case},
              {"strip_accents", settings.strip_accents},
              {"tokenize_chinese_chars", settings.split_chinese_characters}};
  }
  config["unk_token"] = settings.unknown_token;
  config["sep_token"] = settings.separator_token;
  config["pad_token"] = settings.padding_token;
  config["cls_token"] = settings.class_token;
  config["mask_token"] = settings.mask_token;
  if (settings.mask_takes_space) {
    config["mask_token"] = {{"content", settings.mask_token},
                            {"lstrip", true},
                            {"normalized", false},
                            {"rstrip", false},
                            {"single_word", false},
                            {"__type", "AddedToken"}};
  }
  if (settings.max_length != kNoLengthLimit) config["model_max_length"] = settings.max_length;
  io::write_file_atomically(folder / "tokenizer_config.json", config.dump(2) + '\n');
}

}  // namespace prumux::text
