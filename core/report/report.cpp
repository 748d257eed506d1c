#include "core/report/report.h"

#include "core/io/atomic_file.h"
#include "core/report/facts.h"
#include "core/report/page.h"

namespace prumux::report {

nlohmann::json write_report(const std::filesystem::path& run, const std::filesystem::path& out) {
  const nlohmann::json facts = collect_facts(run);
  io::write_file_atomically(out, make_page(facts));
  return {{"out", out.string()},
          {"cells", facts.at("cells").size()},
          {"stages", facts.at("stages").size()}};
}

}  // namespace prumux::report
