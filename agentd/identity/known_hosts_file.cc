#include "agentd/identity/known_hosts_file.h"

#include "agentd/core/patterns.h"
#include "agentd/identity/certificate_key.h"
#include "agentd/identity/host_certificate.h"
#include "agentd/identity/public_key.h"
#include "agentd/identity/words.h"
#include "common/read_file.h"

#include <openssl/rand.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>

namespace cbs::identity {
namespace {

constexpr size_t kMaxFile = 64 << 20;
constexpr std::string_view kHashMark = "|1|";
constexpr size_t kHashBytes = 20;  // of the salt, and of the name
constexpr size_t kMaxAnswers = 5000;

std::string lowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<KnownKey::Marker> markerOf(std::string_view word) {
  if (word == "@cert-authority") return KnownKey::Marker::CERT_AUTHORITY;
  if (word == "@revoked") return KnownKey::Marker::REVOKED;
  return std::nullopt;
}

// As an authority or when it is revoked, a certificate stands for its key. Nothing if it is broken.
std::optional<std::string> plainKeyOf(std::string blob) {
  if (!isCertificateType(keyTypeOf(blob))) return blob;
  auto certificate = parseHostCertificate(blob);
  if (!certificate) return std::nullopt;
  return std::move(certificate->plainKey);
}

}  // namespace

// What has been found for names so far. When they become many, the oldest are forgotten all at once.
class KnownHostsFile::Answers {
 public:
  std::optional<std::vector<size_t>> of(const std::string& host) {
    std::lock_guard lock(mutex_);
    auto known = answers_.find(host);
    return known == answers_.end() ? std::nullopt : std::optional(known->second);
  }
  void remember(const std::string& host, std::vector<size_t> keys) {
    std::lock_guard lock(mutex_);
    if (answers_.size() >= kMaxAnswers) answers_.clear();
    answers_.insert_or_assign(host, std::move(keys));
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<size_t>> answers_;
};

KnownHostsFile::KnownHostsFile() : answers_(std::make_unique<Answers>()) {}
KnownHostsFile::~KnownHostsFile() = default;
KnownHostsFile::KnownHostsFile(KnownHostsFile&&) noexcept = default;
KnownHostsFile& KnownHostsFile::operator=(KnownHostsFile&&) noexcept = default;

KnownHostsFile KnownHostsFile::parse(std::string_view text) {
  KnownHostsFile file;
  for (uint32_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    file.addLine(line, number);
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
    auto marker = markerOf(hosts);
    if (!marker) return;
    key.marker = *marker;
    hosts = takeWord(line);
  }
  auto type = takeWord(line);
  auto blob = parsePublicKey(type, takeWord(line));
  if (blob && key.marker != KnownKey::Marker::NONE) blob = plainKeyOf(std::move(*blob));
  if (!blob) return;
  key.blob = std::move(*blob);
  keys_.push_back(std::move(key));
  addHosts(hosts, keys_.size() - 1);
}

void KnownHostsFile::addHosts(std::string_view hosts, size_t key) {
  if (hosts.starts_with(kHashMark)) {
    addHashed(hosts.substr(kHashMark.size()), key);
  } else if (hosts.find_first_of("*?!") != std::string_view::npos) {
    patterns_.push_back({lowerCase(hosts), key});
  } else {
    for (auto name : core::splitCommas(hosts)) names_.emplace(lowerCase(name), key);
  }
}

// `salt|hash`, both in base64.
void KnownHostsFile::addHashed(std::string_view name, size_t key) {
  auto bar = name.find('|');
  if (bar == std::string_view::npos) return;
  auto salt = decodeBase64(name.substr(0, bar));
  auto hash = decodeBase64(name.substr(bar + 1));
  if (!salt || !hash || salt->size() != kHashBytes || hash->size() != kHashBytes) return;
  hashed_.push_back({NameHashKey(*salt), hashOf(*hash), key});
}

std::vector<const KnownKey*> KnownHostsFile::find(const std::string& host) const {
  auto found = answers_->of(host);
  if (!found) {
    found = search(host);
    if (!hashed_.empty()) answers_->remember(host, *found);
  }
  std::vector<const KnownKey*> keys;
  for (size_t key : *found) keys.push_back(&keys_[key]);
  return keys;
}

size_t KnownHostsFile::linesToHash(const std::string& host) const {
  return hashed_.empty() || answers_->of(host) ? 0 : hashed_.size();
}

std::vector<size_t> KnownHostsFile::search(const std::string& host) const {
  std::vector<size_t> found;
  auto [first, last] = names_.equal_range(host);
  for (auto name = first; name != last; ++name) found.push_back(name->second);
  NameHasher hasher(host);
  for (const auto& name : hashed_) {
    if (hasher.hash(name.salt) == name.hash) found.push_back(name.key);
  }
  for (const auto& pattern : patterns_) {
    if (core::matchesPatternList(host, pattern.list)) found.push_back(pattern.key);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::string knownHostsName(std::string_view host, uint16_t port) {
  auto name = lowerCase(host);
  return port == 22 ? name : "[" + name + "]:" + std::to_string(port);
}

std::string hashedName(const std::string& name) {
  std::string salt(kHashBytes, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size()));
  return std::string(kHashMark) + encodeBase64(salt) + "|" +
         encodeBase64(bytesOf(NameHasher(name).hash(NameHashKey(salt))));
}

}  // namespace cbs::identity
