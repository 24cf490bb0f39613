#include "tests/bench/interruption.h"

#include "tests/support/failure.h"

#include <signal.h>

namespace cbs::bench {
namespace {

volatile sig_atomic_t interrupted = 0;

}  // namespace

void endWhenInterrupted() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };  // no SA_RESTART
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

void throwIfInterrupted() {
  if (interrupted != 0) test::fail("interrupted");
}

}  // namespace cbs::bench
