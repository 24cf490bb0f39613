#include "cli/transfer/progress_display.h"

#include "cli/exec/terminal.h"
#include "cli/output/print.h"
#include "cli/output/progress.h"

#include <unistd.h>

namespace cbs::cli {

ProgressDisplay::ProgressDisplay(kj::Timer& timer, std::string name, bool quiet)
    : timer_(timer), name_(std::move(name)), shown_(!quiet && isatty(STDERR_FILENO)), start_(timer.now()) {}

ProgressDisplay::~ProgressDisplay() {
  if (drawn_) printError("\r\x1b[K");
}

void ProgressDisplay::update(uint64_t bytes, uint64_t totalBytes) {
  if (!shown_) return;
  auto elapsedMs = static_cast<uint64_t>((timer_.now() - start_) / kj::MILLISECONDS);
  printError("\r" + formatProgress(name_, {bytes, totalBytes, elapsedMs}, terminalSize().columns - 1) + "\x1b[K");
  drawn_ = true;
}

}  // namespace cbs::cli
