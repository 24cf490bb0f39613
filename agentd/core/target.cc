#include "agentd/core/target.h"

#include <algorithm>
#include <charconv>

namespace cbs::core {
namespace {

constexpr size_t kMaxHost = 255;  // RFC 1035 §2.3.4
constexpr size_t kMaxUser = 255;
constexpr std::string_view kScheme = "ssh://";

// The target as it can be shown on a terminal, and no longer than a line.
std::string shown(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text.substr(0, 80)) quoted.push_back(static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c);
  return quoted + (text.size() > 80 ? "…\"" : "\"");
}

tl::unexpected<Error> bad(std::string_view text, const std::string& why) {
  return fail(ErrorKind::USAGE, Reason::BAD_TARGET, "target " + shown(text) + ": " + why);
}

bool isControlOrSpace(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }

std::string faultOf(std::string_view word, std::string_view what, std::string_view forbidden, size_t maxLength) {
  std::string name(what);
  if (word.empty()) return "the " + name + " is missing";
  if (word.size() > maxLength) return "the " + name + " is longer than " + std::to_string(maxLength) + " bytes";
  if (word[0] == '-') return "a " + name + " cannot begin with \"-\"";
  if (std::any_of(word.begin(), word.end(), isControlOrSpace))
    return "the " + name + " has a space or a control character in it";
  auto at = word.find_first_of(forbidden);
  if (at != std::string_view::npos) return "the " + name + " has a " + std::string(1, word[at]) + " in it";
  if (word.back() == '\\') return "a " + name + " cannot end with \"\\\"";
  return {};
}

bool isIpv6(std::string_view host) {
  auto address = host.substr(0, host.find('%'));
  return address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

std::optional<uint16_t> parsePort(std::string_view text) {
  uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

// Splits at the one colon, or behind the brackets. Gives no host if the brackets are not in order.
HostAndPort split(std::string_view text) {
  if (text.starts_with('[')) {
    auto close = text.find(']');
    if (close == std::string_view::npos) return {};
    auto host = text.substr(1, close - 1), rest = text.substr(close + 1);
    if (rest.empty()) return {host, std::nullopt};
    if (rest[0] != ':') return {};
    return {host, rest.substr(1)};
  }
  auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

Expected<Target> parseTarget(std::string_view text) {
  if (text.empty()) return bad(text, "it is empty");
  auto rest = text;
  if (rest.starts_with(kScheme)) {
    rest.remove_prefix(kScheme.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
  }

  Target target;
  if (auto at = rest.rfind('@'); at != std::string_view::npos) {
    target.user = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    auto fault = faultOf(*target.user, "user name", "'`\";&<>|(){}", kMaxUser);
    if (!fault.empty()) return bad(text, fault);
  }

  auto [host, port] = split(rest);
  auto fault = faultOf(host, "host name", "'`\"$\\;&<>|(){}[]/", kMaxHost);
  if (!fault.empty()) return bad(text, fault);
  if (host.find(':') != std::string_view::npos && !isIpv6(host)) {
    return bad(text, "more than one colon, and not an IPv6 address. Write [address]:port for one with a port");
  }
  target.host = host;
  if (port) {
    target.port = parsePort(*port);
    if (!target.port) return bad(text, "the port must be a number from 1 to 65535");
  }
  return target;
}

}  // namespace cbs::core
