#include "agentd/identity/known_hosts_file.h"

#include "agentd/core/patterns.h"
#include "agentd/identity/public_key.h"
#include "agentd/identity/words.h"
#include "common/read_file.h"

#include <openssl/rand.h>

#include <algorithm>
#include <iterator>

namespace cbs::identity {
namespace {

constexpr size_t kMaxLine = 64 * 1024;
constexpr size_t kMaxFile = 64 << 20;
constexpr std::string_view kHashMark = "|1|";
constexpr size_t kSaltBytes = 20;

std::string lowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

KnownHostsFile KnownHostsFile::parse(std::string_view text) {
  KnownHostsFile file;
  for (uint32_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.size() <= kMaxLine) file.addLine(line, number);
  }
  return file;
}

Expected<KnownHostsFile> KnownHostsFile::read(const std::string& path) {
  auto text = readFile(path, kMaxFile);
  if (text) return parse(*text);
  if (text.error().kind == ErrorKind::OVERLOADED) return fail(std::move(text.error()));
  return KnownHostsFile();
}

void KnownHostsFile::addLine(std::string_view line, uint32_t number) {
  auto hosts = takeWord(line);
  if (hosts.empty() || hosts.starts_with('#')) return;
  KnownKey key{.line = number};
  if (hosts.starts_with('@')) {
    if (hosts != "@revoked") return;
    key.revoked = true;
    hosts = takeWord(line);
  }
  auto type = takeWord(line);
  auto blob = parsePublicKey(type, takeWord(line));
  if (!blob) return;
  key.blob = std::move(*blob);
  keys_.push_back(std::move(key));
  addHosts(hosts, keys_.size() - 1);
}

void KnownHostsFile::addHosts(std::string_view hosts, size_t key) {
  if (hosts.starts_with(kHashMark)) {
    auto bar = hosts.find('|', kHashMark.size());
    if (bar == std::string_view::npos) return;
    auto salt = decodeBase64(hosts.substr(kHashMark.size(), bar - kHashMark.size()));
    auto hash = decodeBase64(hosts.substr(bar + 1));
    if (salt && hash) hashed_.push_back({std::move(*salt), std::move(*hash), key});
  } else if (hosts.find_first_of("*?!") != std::string_view::npos) {
    patterns_.push_back({lowerCase(hosts), key});
  } else {
    for (auto name : core::splitCommas(hosts)) names_.emplace(lowerCase(name), key);
  }
}

std::vector<const KnownKey*> KnownHostsFile::find(const std::string& host) const {
  std::vector<size_t> found;
  auto [first, last] = names_.equal_range(host);
  for (auto name = first; name != last; ++name) found.push_back(name->second);
  for (const auto& name : hashed_) {
    if (hmacSha1(name.salt, host) == name.hash) found.push_back(name.key);
  }
  for (const auto& pattern : patterns_) {
    if (core::matchesPatternList(host, pattern.list)) found.push_back(pattern.key);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<const KnownKey*> keys;
  for (size_t key : found) keys.push_back(&keys_[key]);
  return keys;
}

std::string knownHostsName(std::string_view host, uint16_t port) {
  auto name = lowerCase(host);
  return port == 22 ? name : "[" + name + "]:" + std::to_string(port);
}

std::string hashedName(const std::string& name) {
  std::string salt(kSaltBytes, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size()));
  return std::string(kHashMark) + encodeBase64(salt) + "|" + encodeBase64(hmacSha1(salt, name));
}

}  // namespace cbs::identity
