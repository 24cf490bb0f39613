#include "agentd/identity/config_origins.h"

#include "agentd/identity/words.h"

#include <cctype>
#include <map>
#include <sstream>

namespace cbs::identity {
namespace {

using Kind = ConfigStep::Kind;

class Walk {
 public:
  Walk(const std::vector<ConfigStep>& steps, const ReadText& read) : steps_(steps), read_(read) {}

  AppliedLines run() {
    while (found_.complete && at_ < steps_.size()) {
      if (next(Kind::AGAIN)) {
        again_ = true;
        ++at_;
      } else if (next(Kind::READ)) {
        walkFile({.applies = true});
      } else {
        lose();
      }
    }
    return std::move(found_);
  }

 private:
  // The Host or Match block that a line stands in.
  struct Block {
    bool applies;
    bool never = false;  // as the Include of the whole file does not apply
  };

  bool next(Kind kind) const { return at_ < steps_.size() && steps_[at_].kind == kind; }
  bool nextAt(Kind kind, const ConfigLine& line) const {
    return next(kind) && steps_[at_].line == line.line && steps_[at_].file == line.file;
  }
  // The files have changed since ssh read them, or ssh tells of them in other words than we know.
  void lose() { found_.complete = false; }

  // The next step reads it.
  void walkFile(Block block) {
    ConfigLine line{.file = steps_[at_++].file, .again = again_};
    auto text = read_(line.file);
    if (!text) return lose();
    std::istringstream lines(*text);
    for (std::string written; found_.complete && std::getline(lines, written);) {
      ++line.line;
      line.words = splitWords(written);
      if (!line.words.empty()) walkLine(line, block);
    }
  }

  void walkLine(ConfigLine line, Block& block) {
    line.keyword = presentKeyword(line.words[0]);
    line.words.erase(line.words.begin());
    if (line.keyword == "host") {
      block.applies = nextAt(Kind::HOST, line);
      if (block.applies) ++at_;
    } else if (line.keyword == "match") {
      block.applies = judged() && !block.never;
    } else if (line.keyword == "include") {
      while (found_.complete && nextAt(Kind::INCLUDE, line)) include();
    } else if (block.applies) {
      found_.lines.push_back(std::move(line));
    }
  }

  // What ssh said of the Match line that was come to.
  bool judged() {
    if (next(Kind::MATCH)) return steps_[at_++].applies;
    lose();
    return false;
  }

  // A file begins in the block that its Include stands in; it does not change that block.
  void include() {
    bool applies = steps_[at_++].applies;
    if (next(Kind::READ)) walkFile({.applies = applies, .never = !applies});
  }

  const std::vector<ConfigStep>& steps_;
  const ReadText& read_;
  size_t at_ = 0;
  bool again_ = false;
  AppliedLines found_;
};

}  // namespace

AppliedLines appliedLines(const std::vector<ConfigStep>& steps, const ReadText& read) {
  return Walk(steps, read).run();
}

std::string presentKeyword(std::string_view keyword) {
  static const std::map<std::string_view, std::string_view> kFormerNames = {
      {"challengeresponseauthentication", "kbdinteractiveauthentication"},
      {"skeyauthentication", "kbdinteractiveauthentication"},
      {"tisauthentication", "kbdinteractiveauthentication"},
      {"dsaauthentication", "pubkeyauthentication"},
      {"identityfile2", "identityfile"},
      {"pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms"},
  };
  std::string lower;
  for (char c : keyword) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto former = kFormerNames.find(lower);
  return former == kFormerNames.end() ? lower : std::string(former->second);
}

}  // namespace cbs::identity
