#include "cli/call_failure.h"

namespace cbs::cli {

Error callFailure(const Expected<DaemonInfo>& greeting, const kj::Exception& exception) {
  // A hello that was cut off with the connection has only the system's words for it.
  bool cutOff = exception.getType() == kj::Exception::Type::DISCONNECTED;
  bool isRefusal = !greeting && greeting.error().reason != Reason::UNSPECIFIED;
  if (!greeting && (isRefusal || !cutOff)) return greeting.error();
  switch (exception.getType()) {
    case kj::Exception::Type::DISCONNECTED:
      return {ErrorKind::AGENT_UNREACHABLE, Reason::UNSPECIFIED, "it ended the connection"};
    case kj::Exception::Type::UNIMPLEMENTED:  // a daemon from before the call was there
      return Error{ErrorKind::AGENT_UNREACHABLE, Reason::VERSION_MISMATCH, exception.getDescription().cStr()}
          .with("daemonVersion", greeting->version)
          .with("pid", std::to_string(greeting->pid));
    default:
      return {ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception.getDescription().cStr()};
  }
}

}  // namespace cbs::cli
