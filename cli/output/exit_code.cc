#include "cli/output/exit_code.h"

#include "common/signals.h"

namespace cbs::cli {
namespace {

constexpr int kUnreachableAgent = 240;
constexpr int kUnreachableHost = 241;
constexpr int kAuthRefused = 242;
constexpr int kHostKeyRefused = 243;
constexpr int kRejected = 244;
constexpr int kTimedOut = 245;
constexpr int kCancelled = 246;
constexpr int kUnknown = 247;
constexpr int kTransferFailed = 248;

}  // namespace

int exitCodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::NONE:
      return 0;
    case ErrorKind::USAGE:
      return kUsage;
    case ErrorKind::INTERNAL:
    case ErrorKind::AGENT_UNREACHABLE:
      return kUnreachableAgent;
    case ErrorKind::UNREACHABLE:
      return kUnreachableHost;
    case ErrorKind::AUTH_REFUSED:
      return kAuthRefused;
    case ErrorKind::HOST_KEY_REFUSED:
      return kHostKeyRefused;
    case ErrorKind::COMMAND_REFUSED:
    case ErrorKind::OVERLOADED:
      return kRejected;
    case ErrorKind::TIMED_OUT:
      return kTimedOut;
    case ErrorKind::CANCELLED:
      return kCancelled;
    case ErrorKind::LOST:
      return kUnknown;
    case ErrorKind::TRANSFER_FAILED:
      return kTransferFailed;
  }
  return kUnreachableAgent;  // a kind that only a newer daemon knows
}

int exitCodeOf(schema::Outcome::Reader outcome) {
  ErrorKind kind = outcome.getError().getKind();
  auto state = outcome.getState();
  if (state.isUnknown() && kind != ErrorKind::TIMED_OUT && kind != ErrorKind::CANCELLED) return kUnknown;
  if (kind != ErrorKind::NONE) return exitCodeOf(kind);
  if (state.isExited()) return state.getExited() & 0xff;
  if (state.isNotSent()) return kUnreachableAgent;  // without a reason: a fault of the daemon's
  auto name = state.getSignalled().getName();
  return 128 + signalNumber({name.begin(), name.size()}).value_or(0);
}

}  // namespace cbs::cli
