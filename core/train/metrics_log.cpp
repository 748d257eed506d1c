#include "core/train/metrics_log.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::train {
namespace fs = std::filesystem;

MetricsLog::MetricsLog(const fs::path& path, std::int64_t keep_bytes) : path_(path) {
  std::error_code code;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), code);
  if (fs::exists(path)) {
    const auto length = static_cast<std::int64_t>(fs::file_size(path));
    if (length < keep_bytes)
      spdlog::warn("'{}' is shorter ({} bytes) than when the checkpoint was saved ({} bytes)",
                   path.string(), length, keep_bytes);
    if (length > keep_bytes) {
      fs::resize_file(path, static_cast<std::uintmax_t>(keep_bytes), code);
      if (code) throw IoError("cannot cut '" + path.string() + "': " + code.message());
    }
  }
  errno = 0;
  stream_.open(path, std::ios::binary | std::ios::app);
  check();
}

void MetricsLog::append(const nlohmann::json& record) {
  errno = 0;
  stream_ << record.dump() << '\n' << std::flush;
  check();
}

std::int64_t MetricsLog::sync() {
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced)
    throw IoError("cannot write '" + path_.string() + "' to disk: " + std::strerror(reason));
  return static_cast<std::int64_t>(fs::file_size(path_));
}

std::vector<nlohmann::json> MetricsLog::read(const fs::path& path) {
  std::istringstream lines(io::read_file(path));
  std::vector<nlohmann::json> records;
  for (std::string line; std::getline(lines, line);) {
    nlohmann::json record = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!record.is_discarded()) records.push_back(std::move(record));
  }
  return records;
}

void MetricsLog::check() const {
  if (!stream_) throw IoError("cannot write '" + path_.string() + "': " + std::strerror(errno));
}

}  // namespace prumux::train
