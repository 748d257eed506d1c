#include "core/pipeline/folder_lock.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

int wait_for(int descriptor) {
  int result = 0;
  do {
    result = ::flock(descriptor, LOCK_EX);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw IoError("cannot create folder '" + folder.string() + "': " + code.message());
  const std::filesystem::path file = folder / ".lock";
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    throw IoError("cannot write '" + file.string() + "': " + std::strerror(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) {
    spdlog::info("waiting for another process that works in {}", folder.string());
  }
  if (wait_for(descriptor_) != 0) {
    const int reason = errno;
    ::close(descriptor_);
    throw IoError("cannot lock '" + file.string() + "': " + std::strerror(reason));
  }
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace prumux::pipeline
