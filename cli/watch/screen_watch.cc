#include "cli/watch/screen_watch.h"

#include "cli/exec/interrupts.h"
#include "cli/output/explain_error.h"
#include "cli/output/printable.h"
#include "cli/watch/daemon_source.h"
#include "cli/watch/frame.h"
#include "cli/watch/keys.h"
#include "cli/watch/paint.h"
#include "cli/watch/screen.h"

#include <signal.h>
#include <unistd.h>

namespace cbs::cli {
namespace {

// Only such a process may draw; whoever changes the terminal's modes in the background is stopped.
bool isInForeground() {
  pid_t group = tcgetpgrp(STDIN_FILENO);
  return group < 0 || group == getpgrp();
}

// Whether a signal that ends us has come and is not read yet.
bool isToldToEnd() {
  sigset_t waiting;
  sigpending(&waiting);
  return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGHUP) == 1 ||
         sigismember(&waiting, SIGINT) == 1;
}

class ScreenWatch {
 public:
  ScreenWatch(Loop loop, DaemonSource& source, const WatchOptions& options)
      : loop_(loop),
        source_(source),
        coloured_(coloursWanted()),
        signals_(loop.port, {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT}),
        keys_(loop.port, STDIN_FILENO, StandardStream::Direction::in),
        screen_(loop.port) {
    view_.interval = options.interval;
  }

  // Until somebody leaves; gives the exit code.
  Task<int> run() {
    draw();
    restart();
    auto gone = screen_.onGone().then([]() { return 0; });
    auto signalled = followSignals().promise();
    co_return co_await followKeys().promise().exclusiveJoin(kj::mv(signalled)).exclusiveJoin(kj::mv(gone));
  }

 private:
  // The source is asked one question at a time, so the task before goes first.
  void restart() {
    sampling_ = nullptr;
    sampling_ = sampling().promise().eagerlyEvaluate([this](kj::Exception&& exception) {
      view_.lost = printable(exception.getDescription().cStr());
      draw();
    });
  }

  Task<void> sampling() {
    auto due = loop_.timer.now();
    while (!view_.paused) {
      take(co_await source_.ask(hostsFor(terminalSize())));
      draw();
      due = kj::max(due + (view_.lost.empty() ? view_.interval : lostPause(view_.interval)), loop_.timer.now());
      co_await loop_.timer.atTime(due);
    }
  }

  void take(Expected<Sample> answer) {
    if (!answer) {
      view_.lost = printable(explain(answer.error(), "").message) + "; trying again";
      return;
    }
    view_.lost.clear();
    view_.rates = ratesBetween(sample_ ? &*sample_ : nullptr, *answer);
    sample_ = std::move(*answer);
    view_.sample = &*sample_;
  }

  void draw() { screen_.show(paint(watchFrame(view_, terminalSize()), coloured_)); }

  // Where standard input is no terminal, or at its end, only signals are left.
  Task<int> followKeys() {
    kj::byte typed[64];
    for (;;) {
      if (!isatty(STDIN_FILENO)) co_await kj::Promise<void>(kj::NEVER_DONE);
      auto length = co_await keys_.read(typed);
      if (!length || *length == 0) co_return 0;
      for (size_t i = 0; i < *length; ++i) {
        if (!press(static_cast<char>(typed[i]))) co_return 0;
      }
    }
  }

  bool press(char key) {
    auto effect = pressKey(key, view_);
    if (effect == KeyEffect::leave) return false;
    if (effect == KeyEffect::resume) restart();
    if (effect != KeyEffect::none) draw();
    return true;
  }

  Task<int> followSignals() {
    for (;;) {
      int signal = co_await signals_.next();
      if (signal == SIGINT) co_return 0;
      if (signal == SIGTERM || signal == SIGHUP) co_return 128 + signal;
      if (signal == SIGTSTP) stopProcess();
      if (signal == SIGCONT && isInForeground()) screen_.enter();
      draw();
    }
  }

  // Until it is in the foreground again, or is to end without having been there.
  void stopProcess() {
    screen_.leave();
    do {
      kill(getpid(), SIGSTOP);
    } while (!isInForeground() && !isToldToEnd());
    if (isInForeground()) screen_.enter();
  }

  Loop loop_;
  DaemonSource& source_;
  bool coloured_;
  Interrupts signals_;
  StandardStream keys_;
  Screen screen_;
  WatchView view_;
  std::optional<Sample> sample_;
  kj::Promise<void> sampling_ = nullptr;
};

}  // namespace

int watchOnScreen(kj::AutoCloseFd socket, const DaemonPlace& place, const WatchOptions& options) {
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  DaemonSource source(loop, kj::mv(socket), place.socket);
  ScreenWatch watch(loop, source, options);
  return watch.run().promise().wait(io.waitScope);
}

}  // namespace cbs::cli
