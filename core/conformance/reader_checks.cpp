#include "core/conformance/reader_checks.h"

#include <optional>
#include <string>
#include <tuple>

#include "core/conformance/expectations.h"
#include "core/conformance/leaks.h"
#include "core/conformance/parameter_values.h"
#include "core/io/atomic_file.h"
#include "core/io/temporary_folder.h"
#include "core/text/random.h"
#include "prumux/error.h"

namespace prumux::conformance {

namespace {

using plugin::Method;

constexpr std::size_t kNoiseBytes = 4096;

struct Reading {
  std::vector<TextExample> examples;
  std::optional<std::string> error;
};

std::shared_ptr<DatasetReader> reader_of(const Method& method) {
  return plugin::Registry::instance().make_dataset_reader(
      method.descriptor->name, {"sst2", false, usual_parameters(method)});
}

/// The file's examples up to an error that a reader may report; any other passes through.
Reading read(const Method& method, const std::filesystem::path& file) {
  Reading reading;
  try {
    reader_of(method)->read(
        file, [&](const TextExample& example) { reading.examples.push_back(example); });
  } catch (const DataError& problem) {
    reading.error = problem.what();
  } catch (const IoError& problem) {
    reading.error = problem.what();
  }
  return reading;
}

void expect_named(const Reading& reading, const std::filesystem::path& file,
                  const std::string& what) {
  expect(!reading.error || reading.error->find(file.filename().string()) != std::string::npos,
         "the error for {} does not name the file: '{}'", what, reading.error.value_or(""));
}

std::string noise() {
  text::Random random(7);
  std::string bytes(kNoiseBytes, ' ');
  for (char& byte : bytes) byte = static_cast<char>(random.below(256));
  return bytes;
}

/// Files that are probably of another format: an empty one, noise, and common ones.
std::vector<std::pair<std::string, std::string>> foreign_files() {
  return {{"an empty file", ""},
          {"noise", noise()},
          {"a TSV file", "sentence\tlabel\na good film\t1\na bad film\t0\n"},
          {"a CSV file", "label,text\n1,a good film\n0,\"a bad, long film\"\n"},
          {"a JSON lines file", "{\"sentence\": \"a good film\", \"label\": 1}\n"},
          {"a file that ends in the middle of a line", "1 a good film\n0 a b"}};
}

void refuses_a_missing_file(const Method& method) {
  const io::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "missing.txt";
  const Reading reading = read(method, file);
  expect(reading.error.has_value(), "it reads {} examples from a file that does not exist",
         reading.examples.size());
  expect_named(reading, file, "a missing file");
}

void takes_any_bytes(const Method& method) {
  const io::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "given.txt";
  for (const auto& [what, content] : foreign_files()) {
    io::write_file_atomically(file, content);
    expect_named(read(method, file), file, what);
  }
}

void reads_repeatably(const Method& method) {
  const io::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "given.txt";
  const auto key = [](const TextExample& example) {
    return std::tie(example.first, example.second, example.label, example.line);
  };
  for (const auto& [what, content] : foreign_files()) {
    io::write_file_atomically(file, content);
    const Reading first = read(method, file);
    const Reading second = read(method, file);
    expect(first.error == second.error && first.examples.size() == second.examples.size(),
           "{} is read in two ways", what);
    for (std::size_t i = 0; i < first.examples.size(); ++i) {
      expect(key(first.examples[i]) == key(second.examples[i]), "example {} of {} changes", i,
             what);
    }
  }
}

void lets_the_consumer_stop_it(const Method& method) {
  const io::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "given.txt";
  for (const auto& [what, content] : foreign_files()) {
    io::write_file_atomically(file, content);
    if (read(method, file).examples.empty()) continue;
    try {
      reader_of(method)->read(file, [](const TextExample&) { throw Interrupted("enough"); });
    } catch (const Interrupted&) {
      return;
    }
    throw Failure("what `consume` throws does not pass through");
  }
  throw Skipped("it finds no example in the files that there are for it");
}

}  // namespace

std::vector<Check> reader_checks(const Method& method) {
  return {{"a missing file is an error that names it", [=] { refuses_a_missing_file(method); }},
          {"any bytes are read, or refused with the file's name", [=] { takes_any_bytes(method); }},
          {"same file, same examples", [=] { reads_repeatably(method); }},
          {"what its consumer throws passes through", [=] { lets_the_consumer_stop_it(method); }},
          {"it loses no memory", [=] {
             const io::TemporaryFolder folder;
             const std::filesystem::path file = folder.path() / "given.txt";
             io::write_file_atomically(file, foreign_files()[2].second);
             loses_no_memory([&] { read(method, file); });
           }}};
}

}  // namespace prumux::conformance
