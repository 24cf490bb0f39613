// The SSH wire format of RFC 4251 §5: the bytes of keys, signatures and agent messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cbs::core {

// Reads from bytes that outlive it. Past the end it reads zeros and empty strings, and ok() is false.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t byte();
  uint32_t uint32();
  uint64_t uint64();
  std::string_view string();
  void skip(size_t count);

  bool ok() const { return ok_; }
  bool atEnd() const { return rest_.empty(); }

 private:
  std::string_view take(size_t count);

  std::string_view rest_;
  bool ok_ = true;
};

class WireWriter {
 public:
  WireWriter& byte(uint8_t value);
  WireWriter& uint32(uint32_t value);
  WireWriter& uint64(uint64_t value);
  WireWriter& string(std::string_view value);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace cbs::core
