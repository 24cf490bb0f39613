#include "cli/fanout/github_console.h"

#include <kj/debug.h>
#include <kj/encoding.h>

#include <sys/random.h>

#include <cctype>
#include <optional>

namespace cbs::cli {
namespace {

// A word that nobody can guess.
std::string randomWord() {
  unsigned char random[16];
  KJ_SYSCALL(getrandom(random, sizeof(random), 0));
  auto word = kj::encodeHex(kj::arrayPtr(random, sizeof(random)));
  return {word.begin(), word.size()};
}

class GithubConsole final : public Console {
 public:
  explicit GithubConsole(Console& console) : console_(console) {}

  // What does not end in a newline has a rest that is not known yet, so it counts as what could be a command.
  Task<Expected<void>> write(schema::OutputStream stream, std::string text) override {
    if (text.empty()) return console_.write(stream, "");
    auto& word = words_[static_cast<size_t>(stream)];
    bool whole = text.back() == '\n';
    if (!word && (!whole || mayCommandGithub(text))) {
      word = randomWord();
      text.insert(0, "::stop-commands::" + *word + "\n");
    }
    if (word && whole) {
      text += "::" + *word + "::\n";
      word.reset();
    }
    return console_.write(stream, std::move(text));
  }

  bool isTerminal(schema::OutputStream stream) const override { return console_.isTerminal(stream); }
  bool coloured(schema::OutputStream stream) const override { return console_.coloured(stream); }

 private:
  Console& console_;
  std::optional<std::string> words_[2];  // of the two streams, while commands are stopped
};

}  // namespace

// A command of the old form (`##[error]`) may stand anywhere in a line. Before the new one there may be white space, of
// which Unicode has many kinds.
bool mayCommandGithub(std::string_view lines) {
  if (lines.find("##[") != lines.npos) return true;
  for (size_t at = lines.find("::"); at != lines.npos; at = lines.find("::", at + 1)) {
    auto isBlank = [](unsigned char c) { return c >= 0x80 || (std::isspace(c) && c != '\n' && c != '\r'); };
    size_t before = at;
    while (before > 0 && isBlank(static_cast<unsigned char>(lines[before - 1]))) --before;
    if (before == 0 || lines[before - 1] == '\n' || lines[before - 1] == '\r') return true;
  }
  return false;
}

std::unique_ptr<Console> makeGithubConsole(Console& console) { return std::make_unique<GithubConsole>(console); }

}  // namespace cbs::cli
