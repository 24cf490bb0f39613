#include "agentd/transfer/digest_run.h"

#include "common/deadline.h"

#include <algorithm>

namespace cbs::transfer {
namespace {

// What a slow disk reads in a second.
constexpr uint64_t kSlowestDisk = 20 * 1000 * 1000;

kj::Duration patience(const DigestScript& script, kj::Duration silence) {
  auto seconds = std::min<uint64_t>(script.longest / kSlowestDisk, 7 * kj::DAYS / kj::SECONDS);
  return silence + static_cast<int64_t>(seconds) * kj::SECONDS;
}

Error tooLate() { return {ErrorKind::TIMED_OUT, Reason::UNSPECIFIED, ""}; }

// Waits on a channel, at most so long for each step.
class Patience {
 public:
  Patience(kj::Timer& timer, kj::Duration limit) : timer_(timer), limit_(limit) {}

  template <typename T>
  kj::Promise<Expected<T>> with(Task<Expected<T>> task) {
    return within(timer_, limit_, tooLate(), kj::mv(task));
  }

 private:
  kj::Timer& timer_;
  kj::Duration limit_;
};

Task<bool> feed(ssh::Channel& channel, Patience patience, std::string text) {
  bool sent = false;
  auto started = co_await patience.with(channel.exec("sh -s", &sent));
  if (!started) co_return false;
  auto bytes = kj::heapArray(reinterpret_cast<const kj::byte*>(text.data()), text.size());
  auto written = co_await patience.with(channel.write(kj::mv(bytes)));
  if (!written) co_return false;
  auto ended = co_await patience.with(channel.sendEof());
  co_return ended.has_value();
}

}  // namespace

Task<std::optional<std::vector<std::string>>> DigestHost::run(DigestScript script) {
  if (givesNone_) co_return std::nullopt;
  DigestOutput output(script.count);
  const bool answered = co_await ask(kj::mv(script), output);
  if (!answered) givesNone_ = true;
  co_return output.digests();
}

// Whether it may be asked again.
Task<bool> DigestHost::ask(DigestScript script, DigestOutput& output) {
  auto held = co_await within(timer_, channelWait_, tooLate(), channels_.command());
  if (!held) co_return false;
  ssh::Channel& channel = (*held)->channel();
  Patience patient(timer_, patience(script, silence_));
  bool fed = co_await feed(channel, patient, kj::mv(script.text));
  if (!fed) co_return false;
  for (bool more = true; more;) {
    auto chunk = co_await patient.with(channel.read());
    if (!chunk) co_return false;
    if (!*chunk) break;
    auto bytes = (**chunk).bytes;
    if (!(**chunk).isStderr) more = output.take({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  }
  co_return output.begun();
}

}  // namespace cbs::transfer
