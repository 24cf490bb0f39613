#include "cli/output/print.h"

#include "cli/output/exit_code.h"
#include "cli/output/explain_error.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {
namespace {

// Gives 0, or the errno of the write that failed. Waits where the descriptor is non-blocking by somebody else's doing.
int writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{fd, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void print(std::string_view text) {
  int error = writeAll(STDOUT_FILENO, text);
  if (error == 0) return;
  if (error == EPIPE) _exit(kBrokenPipe);
  printError("cbsession: standard output: " + systemMessage(error) + "\n");
  _exit(exitCodeOf(ErrorKind::TRANSFER_FAILED));
}

void printError(std::string_view text) { (void)writeAll(STDERR_FILENO, text); }

void describeFailure(const Error& error, std::string_view subject, schema::Failure::Builder to) {
  auto [message, next] = explain(error, subject);
  to.setKind(error.kind);
  to.setReason(error.reason);
  to.setMessage(message.c_str());
  to.setNext(next.c_str());
  to.setDetail(error.detail.c_str());
  auto facts = to.initFacts(static_cast<unsigned>(error.facts.size()));
  for (unsigned i = 0; i < facts.size(); ++i) {
    facts[i].setName(error.facts[i].name.c_str());
    facts[i].setValue(error.facts[i].value.c_str());
  }
}

int reportFailure(const Error& error, std::string_view subject, bool json) {
  printError(sentence(error, subject));
  if (json) {
    capnp::MallocMessageBuilder message;
    auto report = message.initRoot<schema::FailureReport>();
    describeFailure(error, subject, report.initError());
    print(toJson<schema::FailureReport>(report));
  }
  return exitCodeOf(error.kind);
}

}  // namespace cbs::cli
