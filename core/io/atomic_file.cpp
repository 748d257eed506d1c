#include "core/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include "prumux/error.h"

namespace prumux::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& path, int code) {
  throw IoError(what + " '" + path.string() + "': " + std::strerror(code));
}

/// Where writing to `path` ends up: without a slash at its end, and behind symbolic links, which
/// stay what they are.
fs::path destination_of(const fs::path& path) {
  if (path.empty()) throw IoError("cannot write '': expected the name of a file or folder");
  const fs::path named = path.has_filename() ? path : path.parent_path();
  std::error_code code;
  if (!fs::is_symlink(named, code)) return named;
  const fs::path target = fs::weakly_canonical(named, code);
  return code ? named : target;
}

/// Whether `path` is a pipe, a terminal or a device, which nothing may take the place of.
bool is_stream(const fs::path& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// A name beside `path` that is no other writer's, of this machine or of one that shares the
/// folder. Host and process say whose it is.
fs::path unique_beside(const fs::path& path, const std::string& mark) {
  struct utsname machine {};
  ::uname(&machine);
  const std::string host = std::string(machine.nodename).substr(0, 16);  // file names are limited
  std::random_device random;
  fs::path result = path;
  result += mark + host + "-" + std::to_string(::getpid()) + "-" + std::to_string(random()) +
            std::to_string(random());
  return result;
}

/// An empty file beside `path`.
fs::path temporary_file_beside(const fs::path& path) {
  const fs::path temporary = unique_beside(path, ".tmp-");
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) fail("cannot write", temporary, errno);
  ::close(descriptor);
  return temporary;
}

void sync_path(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("cannot open", path, errno);
  const int result = ::fsync(descriptor);
  const int code = errno;
  ::close(descriptor);
  if (result != 0) fail("cannot write to disk", path, code);
}

void sync_parent(const fs::path& path) {
  sync_path(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

void create_parent(const fs::path& path) {
  if (!path.has_parent_path()) return;
  std::error_code code;
  fs::create_directories(path.parent_path(), code);
  if (code)
    throw IoError("cannot create folder '" + path.parent_path().string() + "': " + code.message());
}

/// Removes what a failed write left, unless it was committed.
class Cleanup {
 public:
  explicit Cleanup(fs::path path) : path_(std::move(path)) {}
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  ~Cleanup() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  void commit() { path_.clear(); }

 private:
  fs::path path_;
};

void rename_into_place(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::rename(from, to, code);
  if (code) throw IoError("cannot replace '" + to.string() + "': " + code.message());
  sync_parent(to);
}

/// A folder cannot be renamed over a filled one: the old one steps aside first, and comes back if
/// the new one cannot take its place.
void swap_folder(const fs::path& from, const fs::path& to) {
  if (!fs::exists(to)) return rename_into_place(from, to);
  const fs::path old = unique_beside(to, ".old-");
  rename_into_place(to, old);
  try {
    rename_into_place(from, to);
  } catch (const IoError&) {
    std::error_code ignored;
    fs::rename(old, to, ignored);
    throw;
  }
  const Cleanup cleanup(old);
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::error_code code;
  if (fs::is_directory(path, code))
    throw IoError("'" + path.string() + "' is a folder, expected a file");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail("cannot read", path, errno);
  std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) fail("cannot read", path, errno);
  return content;
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, [&](const fs::path& temporary) {
    errno = 0;
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    if (!stream) fail("cannot write", temporary, errno);
  });
}

void write_file_atomically(const fs::path& path,
                           const std::function<void(const fs::path&)>& write) {
  if (is_stream(path)) {
    write(path);
    return;
  }
  const fs::path destination = destination_of(path);
  create_parent(destination);
  const fs::path temporary = temporary_file_beside(destination);
  Cleanup cleanup(temporary);
  write(temporary);
  sync_path(temporary);
  rename_into_place(temporary, destination);
  cleanup.commit();
}

void write_folder_atomically(const fs::path& path,
                             const std::function<void(const fs::path&)>& fill) {
  const fs::path destination = destination_of(path);
  create_parent(destination);
  const fs::path temporary = unique_beside(destination, ".tmp-");
  if (::mkdir(temporary.c_str(), 0777) != 0) fail("cannot create folder", temporary, errno);
  Cleanup cleanup(temporary);
  fill(temporary);
  for (const auto& entry : fs::recursive_directory_iterator(temporary)) {
    if (entry.is_regular_file()) sync_path(entry.path());
  }
  swap_folder(temporary, destination);
  cleanup.commit();
}

}  // namespace prumux::io
