#include "agentd/identity/path_tokens.h"

#include "agentd/identity/host_config.h"

#include <openssl/sha.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace cbs::identity {
namespace {

struct Account {
  std::string name;
  std::string home;
};

const Account& account() {
  static const Account ours = []() -> Account {
    const passwd* entry = getpwuid(getuid());
    return entry == nullptr ? Account{} : Account{entry->pw_name, entry->pw_dir};
  }();
  return ours;
}

std::string localHostName() {
  char name[256] = {};
  gethostname(name, sizeof(name) - 1);
  return name;
}

// ssh's %C, which keeps control sockets apart.
std::string connectionHash(const HostConfig& host) {
  std::string text = localHostName() + host.hostName + std::to_string(host.port) + host.user + host.proxyJump;
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::string hex;
  for (unsigned char byte : digest) hex += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  return hex;
}

std::optional<std::string> tokenValue(char token, const HostConfig& host) {
  switch (token) {
    case '%':
      return "%";
    case 'd':
      return account().home;
    case 'u':
      return account().name;
    case 'i':
      return std::to_string(getuid());
    case 'h':
      return host.hostName;
    case 'n':
      return host.alias;
    case 'k':
      return host.hostKeyAlias.empty() ? host.alias : host.hostKeyAlias;
    case 'p':
      return std::to_string(host.port);
    case 'r':
      return host.user;
    case 'j':
      return host.proxyJump;
    case 'l':
      return localHostName();
    case 'L':
      return localHostName().substr(0, localHostName().find('.'));
    case 'C':
      return connectionHash(host);
    default:
      return std::nullopt;
  }
}

// The variable named at `path[at]`, which begins with "${"; moves `at` to its closing brace.
std::optional<std::string> variableAt(std::string_view path, size_t& at) {
  auto close = path.find('}', at);
  if (close == std::string_view::npos) return std::nullopt;
  const char* value = std::getenv(std::string(path.substr(at + 2, close - at - 2)).c_str());
  if (value == nullptr) return std::nullopt;
  at = close;
  return value;
}

std::string expand(std::string_view text, const HostConfig& host, bool variables) {
  std::string expanded;
  for (size_t i = 0; i < text.size(); ++i) {
    std::optional<std::string> value;
    if (text[i] == '%' && i + 1 < text.size()) {
      value = tokenValue(text[i + 1], host);
      if (value) ++i;
    } else if (variables && text.substr(i).starts_with("${")) {
      value = variableAt(text, i);
    }
    expanded += value ? *value : std::string(1, text[i]);
  }
  return expanded;
}

}  // namespace

const std::string& homeFolder() { return account().home; }

std::string expandTilde(std::string_view path) {
  if (!path.starts_with('~')) return std::string(path);
  std::string rest(path.substr(std::min(path.find('/'), path.size())));
  std::string name(path.substr(1, path.size() - rest.size() - 1));
  if (name.empty()) return homeFolder() + rest;
  const passwd* entry = getpwnam(name.c_str());
  return entry == nullptr ? std::string(path) : entry->pw_dir + rest;
}

std::string expandTokens(std::string_view text, const HostConfig& host) { return expand(text, host, false); }

std::string expandPath(std::string_view path, const HostConfig& host) { return expandTilde(expand(path, host, true)); }

}  // namespace cbs::identity
