// HMAC-SHA1 (RFC 2104), made for hashing one host name with the salts of very many lines: hashed names in known_hosts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

// SHA-1's state in the midst of a text.
using Sha1State = std::array<uint32_t, 5>;

// A key of at most 64 bytes, as far as it can be worked out before the text is known: that is half of the work.
struct NameHashKey {
  explicit NameHashKey(std::string_view key);
  Sha1State inner, outer;
};

// A text, ready to be hashed with many keys. Costs two blocks of SHA-1 a key for names of up to 55 bytes, about 0.2 µs
// where the processor has instructions for it.
class NameHasher {
 public:
  explicit NameHasher(std::string_view text);

  // The 20 bytes of the HMAC, as five big-endian words in the machine's own order.
  Sha1State hash(const NameHashKey& key) const;

 private:
  std::string blocks_;  // the text with SHA-1's padding, as it follows the key's block
};

// The bytes that a hash stands for, and back; `bytes` are 20.
std::string bytesOf(const Sha1State& hash);
Sha1State hashOf(std::string_view bytes);

}  // namespace cbs::identity
