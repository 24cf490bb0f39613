#include "agentd/app/successor.h"

#include "agentd/app/exit_code.h"
#include "common/deadline.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace cbs::app {
namespace {

constexpr int kFirstFurther = 3;
constexpr auto kLastWords = 2 * kj::SECONDS;  // to end, once it has let go of the link
constexpr auto kTakeOverLimit = 30 * kj::SECONDS;
constexpr uint64_t kMostWords = 64 * 1024;

Error failedStart(std::string why) { return {ErrorKind::AGENT_UNREACHABLE, Reason::AUTOSTART_FAILED, std::move(why)}; }

struct SocketPair {
  kj::AutoCloseFd ours;
  kj::AutoCloseFd theirs;
};

Expected<SocketPair> openSocketPair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
    return fail(failedStart("cannot make a pair of sockets: " + systemMessage(errno)));
  }
  return SocketPair{kj::AutoCloseFd(ends[0]), kj::AutoCloseFd(ends[1])};
}

std::vector<std::string> commandLine(Program program) {
  std::vector<std::string> argv = {program.path};
  argv.insert(argv.end(), program.arguments.begin(), program.arguments.end());
  argv.insert(argv.end(), {"--handover-fd", std::to_string(kFirstFurther), "--ready-fd",
                           std::to_string(kFirstFurther + kInherited)});
  return argv;
}

// Lines become one.
std::string oneLine(std::string words) {
  while (!words.empty() && words.back() == '\n') words.pop_back();
  for (size_t end = 0; (end = words.find('\n', end)) != std::string::npos;) words.replace(end, 1, "; ");
  return words;
}

}  // namespace

Successor::Successor(Loop loop, std::unique_ptr<ChildProcess> process, kj::AutoCloseFd link, kj::AutoCloseFd words)
    : loop_(loop),
      process_(std::move(process)),
      link_(loop, kj::mv(link), capnp::rpc::twoparty::Side::CLIENT),
      client_(link_.successor()),
      words_(loop.io.wrapInputFd(kj::mv(words), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC)) {}

Expected<std::unique_ptr<Successor>> Successor::launch(Loop loop, Program program, const Inheritance& inheritance) {
  auto link = openSocketPair();
  if (!link) return fail(std::move(link.error()));
  auto words = openPipe();
  if (!words) return fail(failedStart(words.error().detail));
  if (access(program.path.c_str(), X_OK) != 0) {
    return fail(failedStart("cannot start " + program.path + ": " + systemMessage(errno)));
  }
  auto process =
      ChildProcess::start(loop, {.argv = commandLine(std::move(program)),
                                 .stdinFd = STDIN_FILENO,
                                 .stdoutFd = STDOUT_FILENO,
                                 .stderrFd = STDERR_FILENO,
                                 .further = {link->theirs, inheritance.lock, inheritance.listener, words->write},
                                 .outlives = true});
  if (!process) return fail(failedStart(process.error().detail));
  return std::unique_ptr<Successor>(new Successor(loop, std::move(*process), kj::mv(link->ours), kj::mv(words->read)));
}

Task<Expected<std::unique_ptr<Successor>>> Successor::start(Loop loop, Program program, Inheritance inheritance,
                                                            kj::Duration limit) {
  auto successor = launch(loop, std::move(program), inheritance);
  if (!successor) co_return fail(std::move(successor.error()));
  auto late = failedStart("it was not ready after " + std::to_string(limit / kj::SECONDS) + " s");
  auto prepared = co_await within(loop.timer, limit, std::move(late), (*successor)->prepare(kj::mv(inheritance)));
  if (prepared) co_return std::move(*successor);
  co_await (*successor)->kill();
  co_return fail(std::move(prepared.error()));
}

Task<Expected<void>> Successor::prepare(Inheritance inheritance) {
  try {
    co_return co_await asked(kj::mv(inheritance));
  } catch (const kj::Exception&) {
    // It has ended, or does not know what it was asked.
  }
  co_return fail(co_await whyEnded());
}

Task<Expected<void>> Successor::asked(Inheritance inheritance) {
  auto request = client_.prepareRequest();
  request.setVersion(schema::HANDOVER_VERSION);
  request.setPredecessor(kj::mv(inheritance.predecessor));
  request.setOwnsSocket(inheritance.ownsSocket);
  auto answer = co_await request.send();
  if (answer.getVersion() == schema::HANDOVER_VERSION) co_return Expected<void>();
  co_return fail(failedStart("it cannot take over from this version; restart the daemon instead"));
}

Task<Error> Successor::whyEnded() {
  co_await process_->exited().ignoreResult().exclusiveJoin(loop_.timer.afterDelay(kLastWords));
  if (process_->running()) co_return failedStart("it does not know how to take over");
  int status = co_await process_->exited();
  std::array<char, kMostWords> buffer;
  size_t length = co_await words_->tryRead(buffer.data(), 1, buffer.size())
                      .exclusiveJoin(loop_.timer.afterDelay(kLastWords).then([]() { return size_t{0}; }));
  std::string words = oneLine({buffer.data(), length});
  if (words.empty()) co_return failedStart("it " + describeWaitStatus(status));
  bool isUsage = WIFEXITED(status) && WEXITSTATUS(status) == kUsage;
  if (isUsage) co_return Error{ErrorKind::USAGE, Reason::BAD_CONFIG, std::move(words)};
  co_return failedStart(std::move(words));
}

Task<Expected<void>> Successor::takeOver(queue::ReleasedJobs& jobs) {
  try {
    auto request = client_.takeOverRequest();
    request.setHasJournal(jobs.hadJournal);
    auto list = request.initJobs(static_cast<unsigned>(jobs.running.size()));
    for (unsigned i = 0; i < list.size(); ++i) encode(jobs.running[i].job, list[i]);
    auto answer = co_await loop_.timer.timeoutAfter(kTakeOverLimit, request.send());
    auto error = cbs::decode(answer.getError());
    if (error.kind != ErrorKind::NONE) co_return fail(std::move(error));
    auto outputs = answer.getOutputs();
    if (outputs.size() != list.size()) co_return fail(failedStart("it did not take all jobs"));
    for (unsigned i = 0; i < outputs.size(); ++i) jobs.running[i].output->fulfill(outputs[i]);
    co_return Expected<void>();
  } catch (const kj::Exception& exception) {
    co_return fail(failedStart(exception.getDescription().cStr()));
  }
}

schema::Agent::Client Successor::agentFor(const rpc::Caller& caller) {
  auto request = client_.agentRequest();
  request.setUser(caller.user);
  request.setKey(caller.key.c_str());
  request.setPid(static_cast<uint32_t>(caller.pid));
  auto groups = request.initGroups(static_cast<unsigned>(caller.groups.size()));
  for (unsigned i = 0; i < groups.size(); ++i) groups.set(i, caller.groups[i]);
  return request.send().getAgent();
}

}  // namespace cbs::app
