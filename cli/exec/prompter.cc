#include "cli/exec/prompter.h"

#include "common/error.h"
#include "common/secret.h"
#include "common/subprocess.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace cbs::cli {
namespace {

constexpr size_t kLongestAnswer = 1024;
constexpr auto kPatience = 2 * kj::MINUTES;

tl::unexpected<Error> nobody(std::string detail) {
  return fail(ErrorKind::AUTH_REFUSED, Reason::NOBODY_TO_ASK, std::move(detail));
}

std::string_view variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

kj::AutoCloseFd openTerminal() { return kj::AutoCloseFd(open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)); }

// The program to ask by, or "": as SSH_ASKPASS_REQUIRE of ssh(1) says, else where there is a display and no terminal.
std::string askpass() {
  auto program = variable("SSH_ASKPASS");
  auto require = variable("SSH_ASKPASS_REQUIRE");
  bool display = !variable("DISPLAY").empty() || !variable("WAYLAND_DISPLAY").empty();
  if (program.empty() || require == "never") return "";
  if (require == "force" || (require == "prefer" && display)) return std::string(program);
  return display && openTerminal() == nullptr ? std::string(program) : "";
}

// What comes from a server must not move the cursor.
std::string printable(std::string_view text) {
  std::string safe(text);
  for (char& c : safe) {
    bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (control && c != '\n') c = '?';
  }
  return safe;
}

// Lines as they are typed, with or without their echo, until the object goes.
class LineMode {
 public:
  LineMode(int fd, bool echo) : fd_(fd) {
    if (tcgetattr(fd, &before_) != 0) return;
    termios lines = before_;
    lines.c_lflag |= ICANON | ISIG | ECHOE | ECHOK;
    lines.c_iflag |= ICRNL;
    lines.c_lflag = echo ? lines.c_lflag | ECHO : lines.c_lflag & ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(fd, TCSAFLUSH, &lines) == 0;
  }
  ~LineMode() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  KJ_DISALLOW_COPY(LineMode);

 private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

}  // namespace

bool TerminalPrompter::possible() { return !askpass().empty() || openTerminal() != nullptr; }

Task<void> TerminalPrompter::answer(AskContext context) {
  auto turn = co_await turns_.enter();
  auto question = context.getParams().getQuestion();
  auto answers = co_await askAll(question);
  if (!answers) co_return encode(answers.error(), context.getResults().initError());
  auto list = context.getResults().initAnswers(static_cast<unsigned>(answers->size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    auto bytes = (*answers)[i]->view();
    list.set(i, kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
  }
}

Task<Expected<std::vector<SharedSecret>>> TerminalPrompter::askAll(schema::Question::Reader question) {
  const bool many = hosts_ == For::MANY_HOSTS;
  std::vector<SharedSecret> answers;
  if (auto known = many ? shared_.recall(question) : std::nullopt) {
    if (!*known) co_return fail(known->error());
    answers.push_back(**known);
    co_return answers;
  }
  std::string heading = printable(question.getInstruction().cStr());
  if (!heading.empty()) heading += "\n";
  if (many) heading += printable(SharedPassword::noteFor(question));
  for (auto prompt : question.getPrompts()) {
    std::string text =
        heading + "(" + printable(question.getSubject().cStr()) + ") " + printable(prompt.getText().cStr());
    heading.clear();
    auto program = askpass();
    auto typed = program.empty() ? co_await onTerminal(text, prompt.getEcho()) : co_await byProgram(program, text);
    if (!typed) co_return fail(kj::mv(typed.error()));
    answers.push_back(std::make_shared<const Secret>(*typed));
    wipe(*typed);
  }
  if (many) shared_.keep(question, answers);
  co_return answers;
}

Task<Expected<std::string>> TerminalPrompter::byProgram(std::string program, std::string text) {
  auto result =
      co_await runSubprocess(loop_, {.argv = {program, text}, .timeout = kPatience, .maxOutputBytes = kLongestAnswer});
  if (!result) co_return nobody(result.error().detail);
  if (result->status != 0) co_return nobody(program + " was left without an answer");
  auto& answer = result->out;
  answer.erase(std::min(answer.size(), answer.find_first_of("\r\n")));
  co_return std::move(answer);
}

Task<Expected<std::string>> TerminalPrompter::onTerminal(std::string text, bool echo) {
  auto terminal = openTerminal();
  if (terminal == nullptr) co_return nobody("no terminal");
  const TerminalUsers users = users_;
  if (users.input != nullptr) users.input->hold();
  if (users.terminal != nullptr) users.terminal->suspend();
  if (users.drawing != nullptr) users.drawing->pause();
  KJ_DEFER({
    if (users.drawing != nullptr) users.drawing->resume();
    if (users.terminal != nullptr) users.terminal->resume();
    if (users.input != nullptr) users.input->release();
  });
  LineMode mode(terminal, echo);
  kj::UnixEventPort::FdObserver observer(loop_.port, terminal, kj::UnixEventPort::FdObserver::OBSERVE_READ);
  std::ignore = ::write(terminal, text.data(), text.size());
  std::string typed;
  typed.reserve(kLongestAnswer + 1);  // so that no copy of it is left behind
  for (;;) {
    char c = 0;
    ssize_t size = ::read(terminal, &c, 1);
    if (size < 0 && errno == EAGAIN) {
      co_await observer.whenBecomesReadable();
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    bool end = size <= 0;
    if (end || c == '\n') {
      if (!echo) std::ignore = ::write(terminal, "\n", 1);
      if (end && typed.empty()) co_return nobody("there was no answer");
      co_return typed;
    }
    if (typed.size() < kLongestAnswer) typed += c;
  }
}

std::string checkAskPass(bool asked) {
  if (!asked || TerminalPrompter::possible()) return "";
  return "--ask-pass: there is no terminal to ask at, and no SSH_ASKPASS";
}

}  // namespace cbs::cli
