#include "tests/report/run_fixture.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace prumux::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Text as it is, a list as JSON lines, anything else as JSON.
std::string text_of(const json& content) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) return content.dump();
  std::string lines;
  for (const json& line : content) lines += line.dump() + "\n";
  return lines;
}

/// What the record of a stage that reads all cells says of the measurements that are there.
json measurements_of(const fs::path& run) {
  json inputs = json::array();
  for (const auto& entry : fs::directory_iterator(run / "stages")) {
    const json stage = json::parse(std::ifstream(entry.path() / "stage.json"));
    if (stage.at("stage") != "evaluate" && stage.at("stage") != "benchmark") continue;
    inputs.push_back({{"kind", "input"},
                      {"name", entry.path().filename().string() + " of a cell"},
                      {"place", ""},
                      {"value", stage.at("key")}});
  }
  return inputs;
}

}  // namespace

void write_safetensors_header(const fs::path& file, const std::string& header) {
  std::ofstream stream(file, std::ios::binary);
  for (int shift = 0; shift < 64; shift += 8) {
    stream.put(static_cast<char>(header.size() >> shift & 0xff));
  }
  stream << header;
}

RunFixture::RunFixture() {
  const json files = json::parse(std::ifstream(PRUMUX_TEST_DATA "/report/run.json"));
  for (const auto& [name, content] : files.items()) {
    const fs::path file = path() / name;
    fs::create_directories(file.parent_path());
    if (file.extension() == ".safetensors") {
      write_safetensors_header(file, content.dump());
    } else {
      write(name, text_of(content));
    }
  }
  const std::string predict = "stages/predict-175f0419/";
  json stage = files.at(predict + "stage.json");
  for (const json& input : measurements_of(path())) stage["record"].push_back(input);
  write(predict + "stage.json", stage.dump());
  write(predict + "result.json", files.at("prediction.json").dump());
}

void RunFixture::write(const std::string& name, std::string_view content) const {
  std::ofstream(path() / name, std::ios::binary) << content;
}

void RunFixture::add_search(const std::string& folder, const std::string& finished,
                            double min_accuracy) const {
  const json stage = {{"stage", "tune"},
                      {"id", "tune"},
                      {"key", folder},
                      {"complete", true},
                      {"seconds", 0.1},
                      {"finished", finished},
                      {"record", measurements_of(path())}};
  const json result = {{"cells", 36},
                       {"measured_cells", 7},
                       {"seconds", 120.0},
                       {"ended_because", "no other cell promises enough"},
                       {"min_accuracy", min_accuracy}};
  fs::create_directories(path() / "stages" / folder);
  write("stages/" + folder + "/stage.json", stage.dump());
  write("stages/" + folder + "/result.json", result.dump());
  std::ofstream(path() / "resolved.yaml", std::ios::app) << "  - {stage: tune, id: tune}\n";
}

void write_stage(const fs::path& run, const StageOnDisk& stage) {
  const fs::path folder = run / "stages" / (stage.id + "-" + stage.key);
  fs::create_directories(stage.has_model ? folder / "model" : folder);
  json record = json::array();
  const auto add = [&record](const std::map<std::string, std::string>& entries, const char* kind) {
    for (const auto& [name, value] : entries) {
      record.push_back({{"name", name}, {"value", value}, {"kind", kind}, {"place", ""}});
    }
  };
  add(stage.settings, "value");
  add(stage.contents, "content");
  add(stage.inputs, "input");
  std::ofstream(folder / "stage.json")
      << json{{"id", stage.id},   {"stage", stage.id},          {"key", stage.key},
              {"complete", true}, {"finished", stage.finished}, {"seconds", 1.0},
              {"record", record}};
  std::ofstream(folder / "result.json") << stage.result;
}

void RunFixture::remove(const std::string& name) const { fs::remove_all(path() / name); }

void RunFixture::remove_stages(const std::string& prefix) const {
  for (const auto& entry : fs::directory_iterator(path() / "stages")) {
    if (entry.path().filename().string().starts_with(prefix)) fs::remove_all(entry.path());
  }
}

}  // namespace prumux::test
