#include "cli/output/error_word.h"

namespace cbs::cli {

std::string_view wordOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::UNREACHABLE:
      return "unreachable";
    case ErrorKind::AUTH_REFUSED:
      return "login refused";
    case ErrorKind::HOST_KEY_REFUSED:
      return "host key refused";
    case ErrorKind::OVERLOADED:
      return "rejected";
    case ErrorKind::TIMED_OUT:
      return "timed out";
    case ErrorKind::CANCELLED:
      return "cancelled";
    case ErrorKind::LOST:
      return "unknown";
    case ErrorKind::COMMAND_REFUSED:
      return "refused";
    default:
      return "";
  }
}

}  // namespace cbs::cli
