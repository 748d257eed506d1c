#include "core/plugin/fingerprint_reader.h"

#include <elf.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/plugin/compatibility.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#else
#error "prumux runs on x86-64 and on 64-bit ARM"
#endif

constexpr std::string_view kSectionName = "prumux";

/// The part of a fingerprint that no later version may move.
constexpr std::size_t kFixedPart = offsetof(PrumuxFingerprintV1, cxx11_abi);

/// The bytes of a file that may be damaged in any way.
class CheckedFile {
 public:
  explicit CheckedFile(const std::filesystem::path& file) {
    std::error_code problem;
    // Opening anything else may succeed, or wait for ever.
    if (std::filesystem::is_regular_file(file, problem)) {
      stream_.open(file, std::ios::binary);
      stream_.seekg(0, std::ios::end);
    }
    const std::streamoff end = stream_.is_open() ? std::streamoff(stream_.tellg()) : -1;
    if (end < 0) {
      throw PluginError("it cannot be read; check that it is a file and its permissions");
    }
    size_ = static_cast<std::uint64_t>(end);
  }

  std::uint64_t size() const { return size_; }

  void read(std::uint64_t offset, void* target, std::uint64_t count, const char* what) {
    if (offset > size_ || count > size_ - offset) {
      throw PluginError(
          fmt::format("it is damaged: its {} should lie at bytes {} to {}, and the file has {}; "
                      "build or copy it again",
                      what, offset, offset + count, size_));
    }
    stream_.seekg(static_cast<std::streamoff>(offset));
    if (!stream_.read(static_cast<char*>(target), static_cast<std::streamsize>(count))) {
      throw PluginError(fmt::format("its {} cannot be read", what));
    }
  }

 private:
  std::ifstream stream_;
  std::uint64_t size_ = 0;
};

Elf64_Ehdr read_header(CheckedFile& file) {
  Elf64_Ehdr header{};
  if (file.size() < SELFMAG) {
    throw PluginError("it is not a shared library (ELF file)");
  }
  file.read(0, header.e_ident, SELFMAG, "ELF magic number");
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    throw PluginError("it is not a shared library (ELF file)");
  }
  file.read(0, &header, sizeof(header), "ELF header");
  static_assert(std::endian::native == std::endian::little);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != kMachine) {
    throw PluginError(fmt::format(
        "it is built for another machine (ELF class {}, machine {}; this one is class {}, "
        "machine {}); build it on this machine",
        header.e_ident[EI_CLASS], header.e_machine, ELFCLASS64, kMachine));
  }
  if (header.e_type != ET_DYN) {
    throw PluginError(fmt::format("it is not a shared library (ELF type {}, expected {})",
                                  header.e_type, ET_DYN));
  }
  return header;
}

std::vector<Elf64_Shdr> read_sections(CheckedFile& file, const Elf64_Ehdr& header) {
  if (header.e_shnum == 0) {
    return {};
  }
  if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shstrndx >= header.e_shnum) {
    throw PluginError("it is damaged: its section table is inconsistent; build or copy it again");
  }
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  file.read(header.e_shoff, sections.data(), sections.size() * sizeof(Elf64_Shdr), "section table");
  return sections;
}

std::optional<Elf64_Shdr> find_section(CheckedFile& file) {
  const Elf64_Ehdr header = read_header(file);
  const std::vector<Elf64_Shdr> sections = read_sections(file, header);
  if (sections.empty()) {
    return std::nullopt;
  }
  const Elf64_Shdr& table = sections[header.e_shstrndx];
  if (table.sh_size > file.size()) {
    throw PluginError("it is damaged: its section names exceed the file; build or copy it again");
  }
  std::string names(table.sh_size, '\0');
  file.read(table.sh_offset, names.data(), names.size(), "table of section names");
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_name < names.size() && section.sh_type == SHT_PROGBITS &&
        std::string_view(names.c_str() + section.sh_name) == kSectionName) {
      return section;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<PrumuxFingerprintV1> read_fingerprint(const std::filesystem::path& path) {
  CheckedFile file(path);
  const std::optional<Elf64_Shdr> section = find_section(file);
  if (!section) {
    return std::nullopt;
  }
  PrumuxFingerprintV1 fingerprint{};
  if (section->sh_size < kFixedPart) {
    throw PluginError(fmt::format(
        "its fingerprint has {} bytes, expected at least {}; export it with PRUMUX_PLUGIN",
        section->sh_size, kFixedPart));
  }
  file.read(section->sh_offset, &fingerprint, kFixedPart, "fingerprint");
  const std::string magic = field_text(fingerprint.magic);
  if (magic != PRUMUX_FINGERPRINT_MAGIC) {
    throw PluginError(
        fmt::format("its fingerprint begins with '{}', expected '{}'; export it with PRUMUX_PLUGIN",
                    magic, PRUMUX_FINGERPRINT_MAGIC));
  }
  const std::uint64_t present =
      std::min<std::uint64_t>({section->sh_size, fingerprint.struct_size, sizeof(fingerprint)});
  file.read(section->sh_offset, &fingerprint, std::max<std::uint64_t>(present, kFixedPart),
            "fingerprint");
  return fingerprint;
}

}  // namespace prumux::plugin
