#include "cli/transfer/progress_display.h"

#include "cli/exec/terminal.h"
#include "cli/output/print.h"
#include "cli/output/printable.h"
#include "cli/output/progress.h"

#include <unistd.h>

namespace cbs::cli {
namespace {

constexpr auto kPause = 10 * kj::SECONDS;  // between sentences

}  // namespace

ProgressDisplay::ProgressDisplay(kj::Timer& timer, std::string name, Way way)
    : timer_(timer), name_(std::move(name)), way_(way), start_(timer.now()), told_(start_) {}

ProgressDisplay::Way ProgressDisplay::wayFor(bool quiet) {
  if (quiet) return Way::none;
  return isatty(STDERR_FILENO) ? Way::redrawn : Way::sentences;
}

void ProgressDisplay::update(schema::TransferProgress::Reader progress) {
  if (way_ == Way::none) return;
  auto elapsedMs = static_cast<uint64_t>((timer_.now() - start_) / kj::MILLISECONDS);
  rate_.add(elapsedMs, progress.getSentBytes());
  Progress figures{progress.getBytes(),      progress.getTotalBytes(), elapsedMs,        progress.getFiles(),
                   progress.getTotalFiles(), progress.getListed(),     rate_.perSecond()};
  if (way_ == Way::redrawn) {
    auto current = progress.getCurrent().asChars();
    std::string shown = current.size() > 0 ? printable({current.begin(), current.size()}) : name_;
    printError("\r" + formatProgress(shown, figures, terminalSize().columns - 1) + "\x1b[K");
    drawn_ = true;
  } else if (timer_.now() - told_ >= kPause) {
    told_ = timer_.now();
    printError(progressSentence(name_, figures) + "\n");
  }
}

void ProgressDisplay::wipe() {
  if (drawn_) printError("\r\x1b[K");
  drawn_ = false;
}

}  // namespace cbs::cli
