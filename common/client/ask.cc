#include "common/client/ask.h"

#include "common/not_allowed.h"

namespace cbs::client {
namespace {

// A little less than what the daemon reads of one message (8 MiB).
constexpr uint64_t kRequestWords = uint64_t{7 << 20} / sizeof(capnp::word);

}  // namespace

Error unanswered(const kj::Exception& exception) {
  if (auto refused = asNotAllowed(exception)) return *refused;
  std::string detail = exception.getDescription().cStr();
  switch (exception.getType()) {
    case kj::Exception::Type::DISCONNECTED:
      return {ErrorKind::AGENT_UNREACHABLE, Reason::CONNECTION_LOST, "the daemon ended the connection"};
    case kj::Exception::Type::UNIMPLEMENTED:
      return {ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, std::move(detail)};
    default:
      return {ErrorKind::INTERNAL, Reason::UNSPECIFIED, std::move(detail)};
  }
}

Expected<void> checkSize(capnp::MessageSize size) {
  if (size.wordCount <= kRequestWords) return {};
  return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, "the request is larger than 7 MiB");
}

}  // namespace cbs::client
