#include "common/not_allowed.h"

#include <kj/debug.h>

#include <string>

namespace cbs {
namespace {

// An exception has words only, before which Cap'n Proto puts its own. Both ends have to agree on this one.
constexpr std::string_view kMark = "notAllowed: ";

}  // namespace

kj::Exception notAllowed(std::string_view why) {
  return {kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::str(std::string(kMark).append(why))};
}

std::optional<Error> asNotAllowed(const kj::Exception& exception) {
  std::string_view words = exception.getDescription().cStr();
  auto mark = words.find(kMark);
  if (exception.getType() != kj::Exception::Type::FAILED || mark == std::string_view::npos) return {};
  std::string why(words.substr(mark + kMark.size()));
  return Error{ErrorKind::AGENT_UNREACHABLE, Reason::PEER_REFUSED, why}.with("refused", "call");
}

}  // namespace cbs
