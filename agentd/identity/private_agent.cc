#include "agentd/identity/private_agent.h"

#include "agentd/identity/complaint.h"
#include "common/deadline.h"
#include "common/local_socket.h"

#include <unistd.h>

#include <algorithm>

namespace cbs::identity {
namespace {

constexpr auto kStartLimit = 5 * kj::SECONDS;

// ssh-agent is setgid, so that the kernel does not end it with its parent. A shell in the background does: it waits for
// the end of standard input, whose other end the daemon holds.
constexpr auto kScript =
    "exec 3<&0; (read -r _ <&3; kill $$) >/dev/null 2>&1 & exec ssh-agent -D -a \"$0\" 3<&- </dev/null";

tl::unexpected<Error> unavailable(const std::string& detail) {
  return fail(ErrorKind::AUTH_REFUSED, Reason::AGENT_UNAVAILABLE, "the private ssh-agent: " + detail);
}

tl::unexpected<Error> unusable(const std::string& file, const std::string& detail) {
  return fail(
      Error{ErrorKind::AUTH_REFUSED, Reason::KEY_UNUSABLE, "key file " + file + ": " + detail}.with("file", file));
}

// The agent prints where it listens once it does.
Task<Expected<void>> readiness(kj::Own<kj::AsyncInputStream> output) {
  char first;
  if (co_await output->tryRead(&first, 1, 1) == 1) co_return Expected<void>{};
  co_return unavailable("it ended at once. Is ssh-agent installed?");
}

}  // namespace

PrivateAgent::PrivateAgent(Loop loop, std::string folder)
    : loop_(loop), client_(std::make_shared<AgentClient>(loop, std::move(folder) + "/private-agent.sock")) {}

Task<Expected<void>> PrivateAgent::ensure(std::string file, std::string blob) {
  co_return co_await ensuring_.join(file + '\n' + blob, [this, file, blob]() { return ensureOnce(file, blob); });
}

Task<Expected<void>> PrivateAgent::ensureOnce(std::string file, std::string blob) {
  if (process_ == nullptr || !process_->running()) {
    auto started = co_await starting_.join("", [this]() { return start(); });
    if (!started) co_return fail(started.error());
  }
  auto there = co_await has(blob);
  if (!there) co_return fail(there.error());
  if (*there) co_return Expected<void>{};

  auto added = co_await add(file);
  if (!added) co_return fail(added.error());
  there = co_await has(blob);
  if (!there) co_return fail(there.error());
  if (!*there) co_return unusable(file, "it changed while it was added to the private ssh-agent");
  co_return Expected<void>{};
}

Task<Expected<bool>> PrivateAgent::has(std::string blob) {
  auto keys = co_await client_->list();
  if (!keys) co_return fail(keys.error());
  co_return std::any_of(keys->begin(), keys->end(), [&](const AgentKey& key) { return key.blob == blob; });
}

Task<Expected<void>> PrivateAgent::add(std::string file) {
  auto pass = co_await adding_.enter();
  auto result = co_await runSubprocess(loop_, {.argv = {"ssh-add", "-q", "--", file},
                                               .environment = {{"SSH_AUTH_SOCK", client_->path()},
                                                               {"SSH_ASKPASS", "/bin/false"},
                                                               {"SSH_ASKPASS_REQUIRE", "never"}}});
  if (!result) co_return unusable(file, result.error().detail);
  if (result->status != 0) co_return unusable(file, complaintOf(*result, "ssh-add"));
  co_return Expected<void>{};
}

Task<Expected<void>> PrivateAgent::start() {
  auto output = launch();
  if (!output) co_return fail(output.error());
  auto stream = loop_.io.wrapInputFd(kj::mv(*output), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  auto late = unavailable("it was not ready within 5 s").value();
  co_return co_await within(loop_.timer, kStartLimit, std::move(late), readiness(kj::mv(stream)));
}

// Starts the process and gives what it prints.
Expected<kj::AutoCloseFd> PrivateAgent::launch() {
  process_ = nullptr;
  const auto& path = client_->path();
  if (auto folder = prepareSocketFolder(path); !folder) return unavailable(folder.error().detail);
  unlink(path.c_str());  // what an agent that was killed has left
  auto input = openPipe(), output = openPipe();
  if (!input) return unavailable(input.error().detail);
  if (!output) return unavailable(output.error().detail);
  auto child = ChildProcess::start(
      loop_, {.argv = {"sh", "-c", kScript, path}, .stdinFd = input->read, .stdoutFd = output->write});
  if (!child) return unavailable(child.error().detail);
  process_ = std::move(*child);
  lifeline_ = kj::mv(input->write);
  return kj::mv(output->read);
}

}  // namespace cbs::identity
