#include "agentd/http/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <unistd.h>

#include <charconv>
#include <climits>
#include <cstring>
#include <optional>

namespace cbs::http {
namespace {

bool equalWords(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

struct HostAndPort {
  std::string host;
  std::string_view port;  // "": none
};

// Of `host`, `host:port`, `[v6]` and `[v6]:port`.
std::optional<HostAndPort> split(std::string_view text) {
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == text.npos) return std::nullopt;
    auto rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    return HostAndPort{std::string(text.substr(1, end - 1)), rest.empty() ? rest : rest.substr(1)};
  }
  auto colon = text.find(':');
  if (colon == text.npos) return HostAndPort{std::string(text), {}};
  return HostAndPort{std::string(text.substr(0, colon)), text.substr(colon + 1)};
}

std::optional<uint16_t> portOf(std::string_view text) {
  uint16_t port = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

bool isLoopback(const in6_addr& address) {
  return IN6_IS_ADDR_LOOPBACK(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

bool fill(ListenAddress& to, const std::string& host, uint16_t port) {
  sockaddr_in four{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
  if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    to.size = sizeof(four);
    to.loopback = ntohl(four.sin_addr.s_addr) >> 24 == 127;
    memcpy(&to.address, &four, sizeof(four));
    return true;
  }
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  if (inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return false;
  to.size = sizeof(six);
  to.loopback = isLoopback(six.sin6_addr);
  memcpy(&to.address, &six, sizeof(six));
  return true;
}

tl::unexpected<Error> refuse(std::string_view text, const char* why) {
  return fail(ErrorKind::USAGE, Reason::BAD_CONFIG, std::string(text) + ": " + why);
}

bool isNumeric(const std::string& host) {
  in6_addr ignored;
  return inet_pton(AF_INET, host.c_str(), &ignored) == 1 || inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

bool isOwnName(std::string_view host) {
  char name[HOST_NAME_MAX + 1] = {};
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return false;
  std::string_view own = name;
  return equalWords(host, own) || equalWords(host, own.substr(0, own.find('.')));
}

}  // namespace

Expected<ListenAddress> parseListenAddress(std::string_view text) {
  ListenAddress parsed;
  if (text.starts_with("unix:")) {
    parsed.path = text.substr(5);
    if (!parsed.path.starts_with('/') || parsed.path.ends_with('/')) return refuse(text, "not a path from / on");
    return parsed;
  }
  auto parts = split(text);
  auto port = parts ? portOf(parts->port) : std::nullopt;
  if (!port) return refuse(text, "not ADDRESS:PORT");
  std::string host = equalWords(parts->host, "localhost") ? "127.0.0.1" : parts->host == "*" ? "0.0.0.0" : parts->host;
  if (!fill(parsed, host, *port)) return refuse(text, "the address has to be numeric, or localhost");
  return parsed;
}

bool namesThisMachine(std::string_view hostHeader) {
  auto parts = split(hostHeader);
  if (!parts || (!parts->port.empty() && !portOf(parts->port))) return false;
  std::string_view host = parts->host;
  if (host.ends_with('.')) host.remove_suffix(1);
  return isNumeric(parts->host) || equalWords(host, "localhost") || isOwnName(host);
}

}  // namespace cbs::http
