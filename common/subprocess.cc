#include "common/subprocess.h"

#include "common/child_process.h"
#include "common/deadline.h"

#include <algorithm>
#include <memory>
#include <string_view>

namespace cbs {
namespace {

constexpr std::size_t kChunk = 16 * 1024;

// Reads to the end and keeps the first `limit` bytes. With `stopAtLimit`, gives up at one byte more.
Task<std::string> readAll(kj::Own<kj::AsyncInputStream> stream, std::size_t limit, bool stopAtLimit) {
  auto chunk = std::make_unique<char[]>(kChunk);
  std::string text;
  while (std::size_t count = co_await stream->tryRead(chunk.get(), 1, kChunk)) {
    text.append(chunk.get(), std::min(count, limit + 1 - std::min(limit + 1, text.size())));
    if (stopAtLimit && text.size() > limit) break;
  }
  co_return text;
}

// A program that does not read its input to the end is no failure.
kj::Promise<void> feed(kj::Own<kj::AsyncOutputStream> stream, const SubprocessSpec& spec) {
  auto writing = kj::evalNow([&]() -> kj::Promise<void> {
    if (spec.secretInput == nullptr) return stream->write(spec.input.data(), spec.input.size());
    auto secret = spec.secretInput->view();
    return stream->write(secret.data(), secret.size()).then([stream = stream.get()]() {
      return stream->write("\n", 1);
    });
  });
  return writing.catch_([](kj::Exception&&) {}).attach(kj::mv(stream)).eagerlyEvaluate(nullptr);
}

struct Pipes {
  Pipe in, out, err;
};

Expected<Pipes> openPipes() {
  auto in = openPipe(), out = openPipe(), err = openPipe();
  for (auto* pipe : {&in, &out, &err}) {
    if (!*pipe) return fail(pipe->error());
  }
  return Pipes{kj::mv(*in), kj::mv(*out), kj::mv(*err)};
}

Expected<std::unique_ptr<ChildProcess>> startChild(Loop loop, const SubprocessSpec& spec, Pipes& pipes) {
  auto child = ChildProcess::start(
      loop, {.argv = spec.argv,
             .environment = spec.environment,
             .stdinFd = spec.input.empty() && spec.secretInput == nullptr ? -1 : pipes.in.read.get(),
             .stdoutFd = pipes.out.write,
             .stderrFd = pipes.err.write});
  pipes.in.read = nullptr;
  pipes.out.write = nullptr;
  pipes.err.write = nullptr;
  return child;
}

Task<Expected<SubprocessResult>> run(Loop loop, SubprocessSpec spec) {
  auto pipes = openPipes();
  if (!pipes) co_return fail(pipes.error());
  auto child = startChild(loop, spec, *pipes);
  if (!child) co_return fail(child.error());

  constexpr auto kCloexec = kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC;
  auto out = readAll(loop.io.wrapInputFd(kj::mv(pipes->out.read), kCloexec), spec.maxOutputBytes, true);
  auto err = readAll(loop.io.wrapInputFd(kj::mv(pipes->err.read), kCloexec), spec.maxErrorBytes, false);
  auto input = feed(loop.io.wrapOutputFd(kj::mv(pipes->in.write), kCloexec), spec);

  SubprocessResult result;
  result.out = co_await out;
  if (result.out.size() > spec.maxOutputBytes) {
    co_return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED,
                   spec.argv[0] + " printed more than " + std::to_string(spec.maxOutputBytes) + " bytes");
  }
  result.status = co_await (*child)->exited();
  result.err = co_await err;
  result.err.resize(std::min(result.err.size(), spec.maxErrorBytes));
  co_return result;
}

}  // namespace

Task<Expected<SubprocessResult>> runSubprocess(Loop loop, SubprocessSpec spec) {
  auto seconds = std::to_string(spec.timeout / kj::SECONDS);
  Error late{ErrorKind::TIMED_OUT, Reason::COMMAND_TIMED_OUT, spec.argv[0] + " did not end within " + seconds + " s"};
  auto timeout = spec.timeout;
  co_return co_await within(loop.timer, timeout, std::move(late), run(loop, std::move(spec)));
}

}  // namespace cbs
