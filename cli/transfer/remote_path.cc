#include "cli/transfer/remote_path.h"

#include <algorithm>

namespace cbs::cli {
namespace {

constexpr auto kNone = std::string_view::npos;

// The place after the bracket that closes the one at `open`.
size_t afterBracket(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
    if (depth == 0) return i + 1;
  }
  return kNone;
}

// Whether there is a group in a node set.
bool hasGroup(std::string_view target) {
  for (size_t at = 0; (at = target.find('@', at)) != kNone; ++at) {
    if (at == 0 || std::string_view("@,!&^ ").find(target[at - 1]) != kNone) return true;
  }
  return false;
}

// The colon between target and path.
size_t separator(std::string_view text) {
  size_t open = text.find('[');
  size_t colon = text.find(':');
  bool bracketed = open < colon && (open == 0 || text[open - 1] == '@');
  if (!bracketed && hasGroup(text.substr(0, colon))) return text.substr(0, text.find('/')).rfind(':');
  if (bracketed) {
    size_t after = afterBracket(text, open);
    colon = after < text.size() && text[after] == ':' ? after : kNone;
  }
  return text.find('/') < colon && !bracketed ? kNone : colon;
}

// Takes the brackets off a target that has them around it, unless they belong to an IPv6 address.
std::string_view unbracketed(std::string_view target) {
  if (target.empty() || target.front() != '[') return target;
  auto inner = target.substr(1, target.size() - 2);
  bool address = inner.find_first_of("[@") == kNone && std::count(inner.begin(), inner.end(), ':') > 1;
  return address ? target : inner;
}

std::string_view fromHome(std::string_view path) {
  if (path == "~" || path.empty()) return ".";
  if (path.substr(0, 2) != "~/") return path;
  path.remove_prefix(std::min(path.find_first_not_of('/', 1), path.size()));
  return path.empty() ? "." : path;
}

}  // namespace

bool isRemotePath(std::string_view text) { return separator(text) != kNone; }

Expected<RemotePath> parseRemotePath(std::string_view text) {
  size_t colon = separator(text);
  auto target = colon == kNone ? std::string_view() : unbracketed(text.substr(0, colon));
  if (target.empty()) {
    return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "'" + std::string(text) + "' is not TARGET:PATH");
  }
  return RemotePath{std::string(target), std::string(fromHome(text.substr(colon + 1)))};
}

}  // namespace cbs::cli
