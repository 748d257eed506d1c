#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace prumux::conformance {

enum class Outcome { passed, failed, skipped };

/// What came out of one check.
struct CheckResult {
  std::string method;
  std::string kind;
  std::string check;
  Outcome outcome = Outcome::passed;
  std::string reason;  ///< Empty when it passed.
};

struct CheckReport {
  std::string rejection;  ///< Why the library cannot be checked at all; empty: it can.
  std::vector<CheckResult> results;

  bool passed() const;
};

struct CheckOptions {
  std::filesystem::path program;           ///< Whose `plugins check` is the worker.
  std::chrono::milliseconds limit{60000};  ///< Of each check.
};

/// Runs all checks for `library` in another process, and goes on in a new one after a check in
/// which that process crashed, ended or exceeded the limit. Throws `IoError` when no process can be
/// started.
CheckReport check_library(const std::filesystem::path& library, const CheckOptions& options);

/// "passed", ...
std::string to_string(Outcome outcome);

}  // namespace prumux::conformance
