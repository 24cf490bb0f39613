#include "common/not_allowed.h"

#include <kj/debug.h>

#include <string>

namespace cbs {
namespace {

// An exception has words only, before which Cap'n Proto puts its own. Both ends have to agree on these.
constexpr std::string_view kNotAllowed = "notAllowed: ";
constexpr std::string_view kBadRequest = "badRequest: ";

kj::Exception marked(std::string_view mark, std::string_view why) {
  return {kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::str(std::string(mark).append(why))};
}

// What follows the mark, if it is there.
std::optional<std::string> wordsAfter(std::string_view mark, const kj::Exception& exception) {
  std::string_view words = exception.getDescription().cStr();
  auto place = words.find(mark);
  if (exception.getType() != kj::Exception::Type::FAILED || place == std::string_view::npos) return {};
  return std::string(words.substr(place + mark.size()));
}

}  // namespace

kj::Exception notAllowed(std::string_view why) { return marked(kNotAllowed, why); }

std::optional<Error> asNotAllowed(const kj::Exception& exception) {
  auto why = wordsAfter(kNotAllowed, exception);
  if (!why) return {};
  return Error{ErrorKind::AGENT_UNREACHABLE, Reason::PEER_REFUSED, *why}.with("refused", "call");
}

kj::Exception badRequest(std::string_view why) { return marked(kBadRequest, why); }

std::optional<Error> asBadRequest(const kj::Exception& exception) {
  auto why = wordsAfter(kBadRequest, exception);
  if (!why) return {};
  return Error{ErrorKind::USAGE, Reason::BAD_REQUEST, *why};
}

}  // namespace cbs
