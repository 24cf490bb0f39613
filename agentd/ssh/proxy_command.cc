#include "agentd/ssh/proxy_command.h"

#include <cstdlib>
#include <string_view>

namespace cbs::ssh {
namespace {

constexpr size_t kRemembered = 1024;  // bytes of what it says

std::string shell() {
  const char* own = std::getenv("SHELL");
  return own == nullptr || *own == '\0' ? "/bin/sh" : own;
}

std::string_view lastLine(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  auto newline = text.rfind('\n');
  return newline == text.npos ? text : text.substr(newline + 1);
}

}  // namespace

Expected<kj::Own<ProxyCommand>> ProxyCommand::start(Loop loop, const std::string& command, kj::AutoCloseFd end) {
  auto complaints = openPipe();
  if (!complaints) return fail(std::move(complaints.error()));
  auto process = ChildProcess::start(
      loop,
      {.argv = {shell(), "-c", "exec " + command}, .stdinFd = end, .stdoutFd = end, .stderrFd = complaints->write});
  if (!process) return fail(std::move(process.error()));
  return kj::heap<ProxyCommand>(
      std::move(*process), loop.io.wrapInputFd(kj::mv(complaints->read), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC));
}

ProxyCommand::ProxyCommand(std::unique_ptr<ChildProcess> process, kj::Own<kj::AsyncInputStream> complaints)
    : process_(std::move(process)),
      complaints_(kj::mv(complaints)),
      attending_(attend().promise().eagerlyEvaluate([](kj::Exception&&) {})) {}

Task<void> ProxyCommand::listen() {
  char buffer[kRemembered];
  while (size_t size = co_await complaints_->tryRead(buffer, 1, sizeof(buffer))) {
    said_.append(buffer, size);
    if (said_.size() > kRemembered) said_.erase(0, said_.size() - kRemembered);
  }
}

// What it has started and left behind is ended with it, so that its standard error ends as well.
Task<void> ProxyCommand::attend() {
  auto listening = listen().promise().eagerlyEvaluate([](kj::Exception&&) {});
  int status = co_await process_->exited();
  co_await listening;
  std::string reason = "ProxyCommand " + describeWaitStatus(status);
  if (!said_.empty()) reason += ": " + std::string(lastLine(said_));
  end(std::move(reason));
}

}  // namespace cbs::ssh
