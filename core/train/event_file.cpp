#include "core/train/event_file.h"

#include <bit>
#include <boost/crc.hpp>
#include <cerrno>
#include <cstring>

#include "prumux/error.h"

namespace prumux::train {
namespace {

static_assert(std::endian::native == std::endian::little, "records are little-endian");

// Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
constexpr std::uint32_t kEventWallTime = 1;     // double
constexpr std::uint32_t kEventStep = 2;         // int64
constexpr std::uint32_t kEventFileVersion = 3;  // string
constexpr std::uint32_t kEventSummary = 5;      // Summary
constexpr std::uint32_t kSummaryValue = 1;      // Value
constexpr std::uint32_t kValueTag = 1;          // string
constexpr std::uint32_t kValueSimple = 2;       // float

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

template <typename T>
void append_bytes(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void append_key(std::string& out, std::uint32_t field, WireType type) {
  append_varint(out, (field << 3) | type);
}

void append_text(std::string& out, std::uint32_t field, std::string_view text) {
  append_key(out, field, kLengthDelimited);
  append_varint(out, text.size());
  out.append(text);
}

/// The beginning of an `Event`; proto3 leaves zeros out.
std::string event(double unix_time, std::int64_t step) {
  std::string message;
  if (unix_time != 0.0) {
    append_key(message, kEventWallTime, kFixed64);
    append_bytes(message, unix_time);
  }
  if (step != 0) {
    append_key(message, kEventStep, kVarint);
    append_varint(message, static_cast<std::uint64_t>(step));
  }
  return message;
}

std::uint32_t masked_crc32c(std::string_view data) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(data.data(), data.size());
  return std::rotr(static_cast<std::uint32_t>(crc.checksum()), 15) + 0xA282EAD8u;
}

void collect_numbers(const nlohmann::json& record, const std::string& prefix,
                     std::map<std::string, double>& scalars) {
  for (const auto& [key, value] : record.items()) {
    if (value.is_object()) collect_numbers(value, prefix + key + "/", scalars);
    if (value.is_number()) scalars[prefix + key] = value.get<double>();
  }
}

}  // namespace

EventFile::EventFile(const std::filesystem::path& path) : path_(path) {
  std::error_code code;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), code);
  errno = 0;
  stream_.open(path, std::ios::binary | std::ios::trunc);
  std::string message = event(0.0, 0);
  append_text(message, kEventFileVersion, "brain.Event:2");
  write_record(message);
}

void EventFile::add(double unix_time, std::int64_t step,
                    const std::map<std::string, double>& scalars) {
  std::string summary;
  for (const auto& [tag, number] : scalars) {
    std::string value;
    append_text(value, kValueTag, tag);
    append_key(value, kValueSimple, kFixed32);
    append_bytes(value, static_cast<float>(number));
    append_text(summary, kSummaryValue, value);
  }
  std::string message = event(unix_time, step);
  append_text(message, kEventSummary, summary);
  write_record(message);
}

void EventFile::add(const nlohmann::json& record) {
  std::map<std::string, double> scalars;
  collect_numbers(record, "", scalars);
  const auto step = record.at("step").get<std::int64_t>();
  const double unix_time = scalars["timing/unix_time"];
  scalars.erase("timing/unix_time");
  scalars.erase("step");
  add(unix_time, step, scalars);
}

void EventFile::write_record(std::string_view message) {
  std::string header;
  append_bytes(header, static_cast<std::uint64_t>(message.size()));
  std::string record = header;
  append_bytes(record, masked_crc32c(header));
  record.append(message);
  append_bytes(record, masked_crc32c(message));
  errno = 0;
  stream_.write(record.data(), static_cast<std::streamsize>(record.size())).flush();
  if (!stream_) throw IoError("cannot write '" + path_.string() + "': " + std::strerror(errno));
}

}  // namespace prumux::train
