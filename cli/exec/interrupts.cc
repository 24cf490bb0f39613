#include "cli/exec/interrupts.h"

#include <signal.h>

namespace cbs::cli {
namespace {

bool isIgnored(int signal) {
  struct sigaction action;
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Interrupts::Interrupts(kj::UnixEventPort& port, const std::vector<int>& signals) : port_(port) {
  for (int signal : signals) {
    if (isIgnored(signal)) continue;
    kj::UnixEventPort::captureSignal(signal);
    signals_.push_back(signal);
  }
}

kj::Promise<int> Interrupts::next() {
  kj::Promise<int> any = kj::NEVER_DONE;
  for (int signal : signals_) {
    any = any.exclusiveJoin(port_.onSignal(signal).then([](siginfo_t&& info) { return info.si_signo; }));
  }
  return any;
}

}  // namespace cbs::cli
