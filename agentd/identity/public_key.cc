#include "agentd/identity/public_key.h"

#include "agentd/core/wire.h"
#include "agentd/identity/words.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <memory>

namespace cbs::identity {
namespace {

const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

constexpr size_t kSha1Block = 64;

// Of the two parts in a row.
std::string sha1(std::string_view first, std::string_view second) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  EVP_DigestInit_ex(context.get(), algorithm, nullptr);
  EVP_DigestUpdate(context.get(), first.data(), first.size());
  EVP_DigestUpdate(context.get(), second.data(), second.size());
  EVP_DigestFinal_ex(context.get(), bytesOf(digest), nullptr);
  return digest;
}

}  // namespace

std::string_view keyTypeOf(std::string_view blob) {
  core::WireReader reader(blob);
  auto type = reader.string();
  return reader.ok() && !reader.atEnd() ? type : std::string_view();
}

std::string fingerprintOf(std::string_view blob) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(bytesOf(blob), blob.size(), bytesOf(digest));
  auto text = encodeBase64(digest);
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

std::optional<std::string> parsePublicKey(std::string_view type, std::string_view base64) {
  auto blob = decodeBase64(base64);
  if (!blob || type.empty() || keyTypeOf(*blob) != type) return std::nullopt;
  return blob;
}

std::optional<std::string> parsePublicKeyFile(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  auto type = takeWord(line);
  return parsePublicKey(type, takeWord(line));
}

std::string encodeBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  int length = EVP_EncodeBlock(bytesOf(text), bytesOf(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(length));
  return text;
}

std::optional<std::string> decodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  int length = EVP_DecodeBlock(bytesOf(bytes), bytesOf(text), static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  // OpenSSL counts the bytes that padding stands for.
  auto padding = text.size() - 1 - text.find_last_not_of('=');
  if (padding > 2) return std::nullopt;
  bytes.resize(static_cast<size_t>(length) - padding);
  return bytes;
}

// RFC 2104, written out: OpenSSL's HMAC() looks its algorithm up at each call, which takes ten times as long as the
// hashing.
std::string hmacSha1(std::string_view key, std::string_view text) {
  auto block = key.size() > kSha1Block ? sha1(key, {}) : std::string(key);
  block.resize(kSha1Block, '\0');
  std::string inner = block, outer = block;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  return sha1(outer, sha1(inner, text));
}

}  // namespace cbs::identity
