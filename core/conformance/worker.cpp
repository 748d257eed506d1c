#include "core/conformance/worker.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/conformance/check_list.h"
#include "core/conformance/expectations.h"
#include "core/io/json_text.h"
#include "core/plugin/kind.h"
#include "core/plugin/registry.h"

namespace prumux::conformance {

namespace {

using nlohmann::json;

class EventWriter {
 public:
  explicit EventWriter(int descriptor) : descriptor_(descriptor) {}

  void write(const json& event) const {
    const std::string line = io::json_text(event, false) + "\n";
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t written = ::write(descriptor_, line.data() + done, line.size() - done);
      if (written <= 0) ::_exit(1);  // Nobody is left who would read it.
      done += static_cast<std::size_t>(written);
    }
  }

 private:
  int descriptor_;
};

/// Bytes that have been printed so far: the standard output of a worker is a file.
off_t printed() {
  std::cout.flush();
  std::fflush(stdout);
  struct stat status {};
  return ::fstat(STDOUT_FILENO, &status) == 0 ? status.st_size : 0;
}

json outcome(const char* name, const std::string& reason) {
  return {{"event", "end"}, {"outcome", name}, {"reason", reason}};
}

json run(const Check& check) {
  const off_t before = printed();
  try {
    check.run();
  } catch (const Skipped& problem) {
    return outcome("skipped", problem.what());
  } catch (const c10::Error& problem) {
    return outcome("failed", problem.what_without_backtrace());
  } catch (const std::exception& problem) {
    return outcome("failed", problem.what());
  } catch (...) {
    return outcome("failed", "an exception of an unknown type");
  }
  if (const off_t after = printed(); after > before) {
    return outcome("failed", fmt::format("{} bytes were printed to the standard output, which "
                                         "belongs to the program's results",
                                         after - before));
  }
  return outcome("passed", "");
}

/// Why the library cannot be checked at all.
std::optional<std::string> rejection(plugin::Registry& registry) {
  if (!registry.rejections().empty()) return registry.rejections().front().reason;
  if (registry.methods().empty()) {
    return "it is a library, but no plugin of prumux: it has no fingerprint; export it with "
           "PRUMUX_PLUGIN";
  }
  return std::nullopt;
}

}  // namespace

void run_worker(const std::filesystem::path& library, std::size_t first, int events) {
  at::set_num_threads(1);
  mallopt(M_ARENA_MAX, 1);  // So that memory in use can be counted.
  const EventWriter writer(events);
  plugin::Registry& registry = plugin::Registry::instance();
  registry.set_only_library(library);
  if (const auto reason = rejection(registry)) {
    writer.write({{"event", "rejected"}, {"reason", *reason}});
    return;
  }
  std::size_t index = 0;
  for (const plugin::Method& method : registry.methods()) {
    const std::string kind = plugin::find_kind(method.descriptor->kind)->word;
    for (const Check& check : checks_of(method)) {
      if (index++ < first) continue;
      writer.write({{"event", "begin"},
                    {"index", index - 1},
                    {"method", method.descriptor->name},
                    {"kind", kind},
                    {"check", check.name}});
      writer.write(run(check));
    }
  }
  writer.write({{"event", "done"}});
}

}  // namespace prumux::conformance
