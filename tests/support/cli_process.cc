#include "tests/support/cli_process.h"

#include "tests/support/failure.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

namespace cbs::test {
namespace {

Program withStreams(Program program, int input, int out, int err) {
  program.descriptors[0] = input;
  program.descriptors[1] = out;
  program.descriptors[2] = err;
  return program;
}

// Writes what the pipe takes and closes it after the last byte, or when nobody reads any more.
void feed(UniqueFd& input, std::string_view& bytes) {
  ssize_t written = bytes.empty() ? 0 : write(input.get(), bytes.data(), bytes.size());
  if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  bool full = written < 0 && errno == EAGAIN;
  if (!full && (written < 0 || bytes.empty())) input.close();
}

short eventsFor(const OutputReader& reader) { return reader.fd() >= 0 ? POLLIN : 0; }

}  // namespace

CliProcess::CliProcess(Program program) : CliProcess(std::move(program), Streams()) {}

CliProcess::CliProcess(Program program, Streams streams)
    : process_(
          withStreams(std::move(program), streams.input.read.get(), streams.out.write.get(), streams.err.write.get())),
      input_(std::move(streams.input.write)),
      out_(std::move(streams.out.read)),
      err_(std::move(streams.err.read)) {
  ::signal(SIGPIPE, SIG_IGN);  // a program that has stopped reading must not end the tests
}

void CliProcess::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    ssize_t written = ::write(input_.get(), bytes.data(), bytes.size());
    if (written < 0) failErrno("write to standard input");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

CliResult CliProcess::finish(milliseconds deadline) { return finishWithInput("", deadline); }

CliResult CliProcess::finishWithInput(std::string_view bytes, milliseconds deadline) {
  if (input_.open()) fcntl(input_.get(), F_SETFL, O_NONBLOCK);
  auto end = std::chrono::steady_clock::now() + deadline;
  while (out_.fd() >= 0 || err_.fd() >= 0) {
    pollfd entries[] = {{out_.fd(), eventsFor(out_), 0}, {err_.fd(), eventsFor(err_), 0}, {input_.get(), POLLOUT, 0}};
    auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0 || poll(entries, 3, static_cast<int>(left)) <= 0) {
      fail("cbsession did not end in time; stderr: " + err_.text());
    }
    if (entries[0].revents != 0 && !out_.readSome()) out_.close();
    if (entries[1].revents != 0 && !err_.readSome()) err_.close();
    if (entries[2].revents != 0) feed(input_, bytes);
  }
  return {process_.wait(deadline).code, out_.text(), err_.text()};
}

}  // namespace cbs::test
