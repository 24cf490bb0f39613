#include "cli/watch/line_watch.h"

#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "cli/watch/daemon_source.h"
#include "cli/watch/rates.h"
#include "cli/watch/watch_lines.h"
#include "common/json.h"

namespace cbs::cli {
namespace {

constexpr uint32_t kLinesPerHeading = 20;

class LineWatch {
 public:
  LineWatch(kj::Timer& timer, DaemonSource& source, const WatchOptions& options, bool json)
      : timer_(timer), source_(source), options_(options), json_(json) {}

  // Gives the exit code. One that is not served at all is told so, and does not wait for that to change.
  Task<int> run() {
    auto due = timer_.now();
    for (;;) {
      auto answer = co_await source_.ask(0);
      if (answer) {
        print(std::move(*answer));
        if (options_.count > 0 && lines_ == options_.count) co_return 0;
      } else if (lines_ == 0) {
        co_return reportFailure(answer.error(), "", json_);
      } else if (!lost_) {
        printError(sentence(answer.error(), ""));
      }
      lost_ = !answer;
      due = kj::max(due + (lost_ ? lostPause(options_.interval) : options_.interval), timer_.now());
      co_await timer_.atTime(due);
    }
  }

 private:
  void print(Sample sample) {
    if (json_) {
      cli::print(toJson<schema::Stats>(sample.stats()));
    } else {
      auto rates = ratesBetween(before_ ? &*before_ : nullptr, sample);
      std::string heading = lines_ % kLinesPerHeading == 0 ? watchHeading() : "";
      cli::print(heading + watchLine(sample, rates));
    }
    ++lines_;
    before_ = std::move(sample);
  }

  kj::Timer& timer_;
  DaemonSource& source_;
  const WatchOptions& options_;
  bool json_;
  bool lost_ = false;
  uint32_t lines_ = 0;
  std::optional<Sample> before_;
};

}  // namespace

int watchAsLines(kj::AutoCloseFd socket, const DaemonPlace& place, const WatchOptions& options, bool json) {
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  DaemonSource source(loop, kj::mv(socket), place.socket);
  LineWatch watch(loop.timer, source, options, json);
  return watch.run().promise().wait(io.waitScope);
}

}  // namespace cbs::cli
