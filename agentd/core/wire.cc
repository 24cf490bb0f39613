#include "agentd/core/wire.h"

namespace cbs::core {

std::string_view WireReader::take(size_t count) {
  if (count > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

uint8_t WireReader::byte() {
  std::string_view taken = take(1);
  return taken.empty() ? 0 : static_cast<uint8_t>(taken[0]);
}

uint32_t WireReader::uint32() {
  uint32_t value = 0;
  for (char c : take(4)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

uint64_t WireReader::uint64() {
  uint64_t high = uint32();
  return high << 32 | uint32();
}

std::string_view WireReader::string() { return take(uint32()); }

void WireReader::skip(size_t count) { take(count); }

WireWriter& WireWriter::byte(uint8_t value) {
  bytes_.push_back(static_cast<char>(value));
  return *this;
}

WireWriter& WireWriter::uint32(uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) byte(static_cast<uint8_t>(value >> shift));
  return *this;
}

WireWriter& WireWriter::uint64(uint64_t value) {
  return uint32(static_cast<uint32_t>(value >> 32)).uint32(static_cast<uint32_t>(value));
}

WireWriter& WireWriter::string(std::string_view value) {
  uint32(static_cast<uint32_t>(value.size()));
  bytes_.append(value);
  return *this;
}

}  // namespace cbs::core
