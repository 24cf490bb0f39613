// SHA-1's block function by itself is no longer part of OpenSSL's recommended interface, but what is takes three times
// as long for a text as short as this.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "agentd/identity/name_hash.h"

#include <openssl/sha.h>

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr size_t kBlock = SHA_CBLOCK;
constexpr size_t kLengthBytes = 8;

const unsigned char* unsignedBytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void absorb(Sha1State& state, std::string_view block) {
  SHA_CTX context{};
  context.h0 = state[0], context.h1 = state[1], context.h2 = state[2], context.h3 = state[3], context.h4 = state[4];
  SHA1_Transform(&context, unsignedBytes(block));
  state = {context.h0, context.h1, context.h2, context.h3, context.h4};
}

// What SHA-1 begins with (RFC 3174 §6.1), after one block: the key, each byte with `mask`.
Sha1State afterKey(std::string key, char mask) {
  key.resize(kBlock, '\0');
  for (char& c : key) c = static_cast<char>(c ^ mask);
  Sha1State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  absorb(state, key);
  return state;
}

// The text behind one block of key, padded to whole blocks (RFC 3174 §4).
std::string padded(std::string_view text) {
  std::string blocks(text);
  blocks += '\x80';
  while (blocks.size() % kBlock != kBlock - kLengthBytes) blocks += '\0';
  uint64_t bits = (kBlock + text.size()) * 8;
  for (int shift = 56; shift >= 0; shift -= 8) blocks += static_cast<char>(bits >> shift);
  return blocks;
}

void storeWords(const Sha1State& words, char* to) {
  for (uint32_t word : words) {
    for (int shift = 24; shift >= 0; shift -= 8) *to++ = static_cast<char>(word >> shift);
  }
}

}  // namespace

NameHashKey::NameHashKey(std::string_view key)
    : inner(afterKey(std::string(key), 0x36)), outer(afterKey(std::string(key), 0x5c)) {}

NameHasher::NameHasher(std::string_view text) : blocks_(padded(text)) {}

Sha1State NameHasher::hash(const NameHashKey& key) const {
  static const std::string kPaddedDigest = padded(std::string(SHA_DIGEST_LENGTH, '\0'));
  auto inner = key.inner;
  std::string_view rest = blocks_;
  for (; !rest.empty(); rest.remove_prefix(kBlock)) absorb(inner, rest.substr(0, kBlock));
  std::array<char, kBlock> block;
  std::copy(kPaddedDigest.begin(), kPaddedDigest.end(), block.begin());
  storeWords(inner, block.data());
  auto outer = key.outer;
  absorb(outer, {block.data(), block.size()});
  return outer;
}

std::string bytesOf(const Sha1State& hash) {
  std::string bytes(SHA_DIGEST_LENGTH, '\0');
  storeWords(hash, bytes.data());
  return bytes;
}

Sha1State hashOf(std::string_view bytes) {
  Sha1State hash{};
  for (size_t i = 0; i < SHA_DIGEST_LENGTH; ++i) hash[i / 4] = hash[i / 4] << 8 | static_cast<uint8_t>(bytes[i]);
  return hash;
}

}  // namespace cbs::identity
