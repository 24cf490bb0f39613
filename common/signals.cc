#include "common/signals.h"

#include <csignal>

namespace cbs {
namespace {

struct Signal {
  std::string_view name;
  int number;
};

constexpr Signal kSignals[] = {
    {"ABRT", SIGABRT},   {"ALRM", SIGALRM}, {"BUS", SIGBUS},   {"CHLD", SIGCHLD},     {"CONT", SIGCONT},
    {"FPE", SIGFPE},     {"HUP", SIGHUP},   {"ILL", SIGILL},   {"INT", SIGINT},       {"KILL", SIGKILL},
    {"PIPE", SIGPIPE},   {"POLL", SIGPOLL}, {"PROF", SIGPROF}, {"QUIT", SIGQUIT},     {"SEGV", SIGSEGV},
    {"STOP", SIGSTOP},   {"SYS", SIGSYS},   {"TERM", SIGTERM}, {"TRAP", SIGTRAP},     {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN},   {"TTOU", SIGTTOU}, {"URG", SIGURG},   {"USR1", SIGUSR1},     {"USR2", SIGUSR2},
    {"WINCH", SIGWINCH}, {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM},
};

}  // namespace

std::optional<int> signalNumber(std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (const Signal& signal : kSignals) {
    if (signal.name == name) return signal.number;
  }
  return std::nullopt;
}

std::string_view signalName(int number) {
  for (const Signal& signal : kSignals) {
    if (signal.number == number) return signal.name;
  }
  return {};
}

}  // namespace cbs
