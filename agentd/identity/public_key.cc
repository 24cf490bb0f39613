#include "agentd/identity/public_key.h"

#include "agentd/core/wire.h"
#include "agentd/identity/words.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <bit>

namespace cbs::identity {
namespace {

const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string_view keyTypeOf(std::string_view blob) {
  core::WireReader reader(blob);
  auto type = reader.string();
  return reader.ok() && !reader.atEnd() ? type : std::string_view();
}

std::optional<size_t> rsaBitsOf(std::string_view blob) {
  core::WireReader reader(blob);
  auto type = reader.string();
  if (type == "ssh-rsa-cert-v01@openssh.com") {
    reader.string();  // nonce
  } else if (type != "ssh-rsa") {
    return std::nullopt;
  }
  reader.string();  // exponent
  auto modulus = reader.string();
  if (!reader.ok()) return std::nullopt;
  while (modulus.starts_with('\0')) modulus.remove_prefix(1);
  return modulus.empty() ? 0 : (modulus.size() - 1) * 8 + std::bit_width(static_cast<uint8_t>(modulus[0]));
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

}  // namespace cbs::identity
