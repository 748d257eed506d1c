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
}

void RunFixture::write(const std::string& name, std::string_view content) const {
  std::ofstream(path() / name, std::ios::binary) << content;
}

void RunFixture::add_search(const std::string& folder, const std::string& finished,
                            double min_accuracy) const {
  fs::create_directories(path() / "stages" / folder);
  const json stage = {{"stage", "tune"},        {"id", "tune"},   {"key", folder},
                      {"complete", true},       {"seconds", 0.1}, {"finished", finished},
                      {"record", json::array()}};
  const json result = {{"cells", 36},
                       {"measured_cells", 7},
                       {"seconds", 120.0},
                       {"ended_because", "no other cell promises enough"},
                       {"min_accuracy", min_accuracy}};
  write("stages/" + folder + "/stage.json", stage.dump());
  write("stages/" + folder + "/result.json", result.dump());
}

void RunFixture::remove(const std::string& name) const { fs::remove_all(path() / name); }

void RunFixture::remove_stages(const std::string& prefix) const {
  for (const auto& entry : fs::directory_iterator(path() / "stages")) {
    if (entry.path().filename().string().starts_with(prefix)) fs::remove_all(entry.path());
  }
}

}  // namespace prumux::test
