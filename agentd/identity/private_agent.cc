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

tl::unexpected<Error> locked(const std::string& file) {
  return unusable(file, "it is encrypted: add it to your ssh-agent with ssh-add " + file);
}

// The agent prints where it listens once it does.
Task<Expected<void>> readiness(kj::Own<kj::AsyncInputStream> output) {
  char first;
  if (co_await output->tryRead(&first, 1, 1) == 1) co_return Expected<void>{};
  co_return unavailable("it ended at once. Is ssh-agent installed?");
}

}  // namespace

PrivateAgent::PrivateAgent(Loop loop, PrivateAgentSettings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      client_(std::make_shared<AgentClient>(loop, settings_.folder + "/" + settings_.socketName)) {}

Task<Expected<void>> PrivateAgent::ensure(std::string file, std::string blob,
                                          std::shared_ptr<const Passphrases> passphrases) {
  co_return co_await ensuring_.joinOrTakeOver(
      file + '\n' + blob, [this, file, blob, passphrases]() { return ensureOnce(file, blob, passphrases); });
}

Task<Expected<void>> PrivateAgent::ensureOnce(std::string file, std::string blob,
                                              std::shared_ptr<const Passphrases> passphrases) {
  if (!ready_ || !process_->running()) {
    auto started = co_await starting_.join("", [this]() { return start(); });
    if (!started) co_return fail(started.error());
  }
  auto there = co_await has(blob);
  if (!there) co_return fail(there.error());
  if (*there) co_return Expected<void>{};

  auto added = co_await add(file, std::move(passphrases));
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

// With a passphrase or without.
Task<Expected<SubprocessResult>> PrivateAgent::runAdd(std::string file, SharedSecret passphrase) {
  auto pass = co_await adding_.enter();
  SubprocessSpec spec{.argv = {"ssh-add", "-q"}, .environment = {{"SSH_AUTH_SOCK", client_->path()}}};
  if (passphrase == nullptr) {
    spec.environment.insert(spec.environment.end(), {{"SSH_ASKPASS", "/bin/false"}, {"SSH_ASKPASS_REQUIRE", "never"}});
  } else {
    spec.environment.insert(spec.environment.end(),
                            {{"SSH_ASKPASS", settings_.askpass}, {"SSH_ASKPASS_REQUIRE", "force"}});
    spec.environment.insert(spec.environment.end(), settings_.askpassEnvironment.begin(),
                            settings_.askpassEnvironment.end());
    spec.secretInput = std::move(passphrase);
    auto seconds = settings_.passphraseLifetime / kj::SECONDS;
    if (seconds > 0) spec.argv.insert(spec.argv.end(), {"-t", std::to_string(seconds)});
  }
  spec.argv.insert(spec.argv.end(), {"--", file});
  co_return co_await runSubprocess(loop_, std::move(spec));
}

Task<Expected<void>> PrivateAgent::add(std::string file, std::shared_ptr<const Passphrases> passphrases) {
  if (passphrases == nullptr) {
    auto result = co_await runAdd(file, nullptr);
    if (!result) co_return unusable(file, result.error().detail);
    if (result->status != 0) co_return unusable(file, complaintOf(*result, "ssh-add"));
    co_return Expected<void>{};
  }
  for (unsigned attempt = 0; attempt < passphrases->attempts; ++attempt) {
    std::string again = attempt == 0 ? "" : "That was wrong, try again. ";
    Question question{file, "", {{again + "Enter passphrase for key '" + file + "': ", false}}};
    auto answers = co_await askPerson(loop_.timer, passphrases->asker, std::move(question));
    if (!answers && answers.error().reason == Reason::NOBODY_TO_ASK) co_return locked(file);
    if (!answers) co_return fail(std::move(answers.error()));
    auto result = co_await runAdd(file, answers->front());
    if (!result) co_return unusable(file, result.error().detail);
    if (result->status == 0) co_return Expected<void>{};
  }
  co_return unusable(file, "the passphrase was wrong");
}

Task<Expected<void>> PrivateAgent::start() {
  auto output = launch();
  if (!output) co_return fail(output.error());
  auto stream = loop_.io.wrapInputFd(kj::mv(*output), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  auto late = unavailable("it was not ready within 5 s").value();
  auto ready = co_await within(loop_.timer, kStartLimit, std::move(late), readiness(kj::mv(stream)));
  ready_ = ready.has_value();
  co_return ready;
}

// Starts the process and gives what it prints.
Expected<kj::AutoCloseFd> PrivateAgent::launch() {
  ready_ = false;
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
