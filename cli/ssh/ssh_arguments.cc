#include "cli/ssh/ssh_arguments.h"

#include "cli/ssh/option_table.h"
#include "cli/ssh/ssh_line.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace cbs::cli {
namespace {

using Terminal = SshCommand::Terminal;
using OptionMeaning = SshOption::Meaning;

constexpr std::string_view kScheme = "ssh://";

bool isPort(std::string_view text) {
  unsigned port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536;
}

bool isYes(std::string_view value) { return value == "yes" || value == "true"; }
bool isNo(std::string_view value) { return value == "no" || value == "false"; }

// Whether a user's name means itself, in a line as on the command line.
bool isWord(std::string_view text) { return !text.empty() && text.find_first_of(" \t\"'\\%$") == text.npos; }

// What a host is called on the command line.
struct Place {
  std::optional<std::string> user;
  std::string host;
  std::optional<std::string> port;
};

Place splitUser(std::string_view text) {
  auto at = text.rfind('@');
  if (at == text.npos) return {std::nullopt, std::string(text), std::nullopt};
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1)), std::nullopt};
}

Place splitUrl(std::string_view text) {
  text.remove_prefix(kScheme.size());
  if (!text.empty() && text.back() == '/') text.remove_suffix(1);
  auto place = splitUser(text);
  auto bracket = place.host.rfind(']');
  auto colon = place.host.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon != std::string::npos) {
    place.port = place.host.substr(colon + 1);
    place.host.resize(colon);
  }
  bool bracketed = place.host.size() > 2 && place.host.front() == '[' && place.host.back() == ']';
  if (bracketed) place.host = place.host.substr(1, place.host.size() - 2);
  return place;
}

class Reader {
 public:
  Reader(const Arguments& arguments, std::string folder) : arguments_(arguments), folder_(std::move(folder)) {}

  tl::expected<SshCommand, std::string> read() {
    bool optionsOver = readOptions();
    if (at_ < arguments_.size()) takeHost(arguments_[at_++]);
    if (!optionsOver) readOptions();
    for (; at_ < arguments_.size(); ++at_) result_.command += (commandWords_++ == 0 ? "" : " ") + arguments_[at_];
    finish();
    // The real ssh has its own words for what is wrong.
    if (!problem_.empty() && result_.beyondUs.empty()) return tl::unexpected(problem_);
    return std::move(result_);
  }

 private:
  // Up to the first word that is none. Whether a `--` has ended them.
  bool readOptions() {
    while (at_ < arguments_.size()) {
      const std::string& word = arguments_[at_];
      if (word.size() < 2 || word[0] != '-') return false;
      ++at_;
      if (word == "--") return true;
      readCluster(word);
    }
    return false;
  }

  // Flags, of which the last may have a value, in the same word or the next.
  void readCluster(const std::string& word) {
    for (size_t i = 1; i < word.size(); ++i) {
      const SshOption* option = findSshOption(word[i]);
      if (option == nullptr) return complain(std::string("unknown option -") + word[i]);
      if (*option->value == '\0') {
        take(*option, "");
        continue;
      }
      if (i + 1 < word.size()) return take(*option, word.substr(i + 1));
      if (at_ == arguments_.size()) return complain(std::string("the option -") + word[i] + " has no value");
      return take(*option, arguments_[at_++]);
    }
  }

  void take(const SshOption& option, const std::string& value) {
    switch (option.meaning) {
      case OptionMeaning::IGNORED:
        return;
      case OptionMeaning::REAL:
      case OptionMeaning::REAL_QUIETLY:
        result_.beyondQuietly |= option.meaning == OptionMeaning::REAL_QUIETLY;
        return needReal(std::string("ssh -") + option.letter);
      case OptionMeaning::FIRST:
        return addLine(option.keyword + value);
      case OptionMeaning::FIRM:
        return addFirm(option.keyword + value);
      case OptionMeaning::LINE:
        return takeLine(value);
      case OptionMeaning::KEY_FILE:
        if (value.empty()) return complain("-i: the name of a file is missing");
        result_.keyFiles.push_back(absoluteFile(value, folder_));
        return addLine(identityFileLine(result_.keyFiles.back()));
      case OptionMeaning::PORT:
        if (!isPort(value)) complain("-p: '" + value + "' is no port");
        return takePort(value);
      case OptionMeaning::USER:
        return takeUser(value);
      default:
        return takeMode(option.meaning, value);
    }
  }

  // Those that are ours, and no lines of ssh_config.
  void takeMode(OptionMeaning meaning, const std::string& value) {
    if (meaning == OptionMeaning::AGENT || meaning == OptionMeaning::NO_AGENT) agent_ = meaning == OptionMeaning::AGENT;
    if (meaning == OptionMeaning::NO_AGENT) addFirm("ForwardAgent=no");
    if (meaning == OptionMeaning::CONFIG_FILE) takeConfigFile(value);
    if (meaning == OptionMeaning::LOG_FILE) result_.logFile = value;
    if (meaning == OptionMeaning::NO_INPUT) result_.noInput = true;
    if (meaning == OptionMeaning::NO_TERMINAL) terminal_ = Terminal::NEVER;
    if (meaning == OptionMeaning::QUIET) result_.quiet = true;
    if (meaning == OptionMeaning::SUBSYSTEM) result_.subsystem = true;
    if (meaning == OptionMeaning::VERBOSE) result_.verbose = true;
    if (meaning == OptionMeaning::TERMINAL)
      terminal_ = terminal_ == Terminal::WANTED || terminal_ == Terminal::FORCED ? Terminal::FORCED : Terminal::WANTED;
  }

  void takeConfigFile(const std::string& value) {
    bool whole = value == "none" || value.empty() || value[0] == '/';
    result_.configFile = whole ? value : folder_ + "/" + value;
  }

  void takeLine(const std::string& text) {
    if (text.find_first_not_of(" \t") == text.npos) return;
    auto line = readSshLine(text);
    switch (line.meaning) {
      case SshLine::Meaning::POOLED:
        return;
      case SshLine::Meaning::REAL:
        return needReal(line.keyword);
      case SshLine::Meaning::AGENT:
        if (!agent_) agent_ = !isNo(line.value);
        if (isNo(line.value)) addLine(text);
        return;
      case SshLine::Meaning::LOG_LEVEL:
        if (line.value == "quiet" || line.value == "fatal" || line.value == "error") result_.quiet = true;
        return;
      case SshLine::Meaning::NO_INPUT:
        result_.noInput |= isYes(line.value);
        return;
      case SshLine::Meaning::SUBSYSTEM:
        if (line.value == "none") return needReal(line.keyword);
        result_.subsystem |= line.value == "subsystem";
        return;
      case SshLine::Meaning::TERMINAL:
        if (!terminal_) takeTerminal(line.value);
        return;
      case SshLine::Meaning::USER:
        return isWord(line.value) ? takeUser(line.value) : addLineFor(userIsSet_, text);
      case SshLine::Meaning::PORT:
        return isPort(line.value) ? takePort(line.value) : addLineFor(portIsSet_, text);
      case SshLine::Meaning::PLAIN:
        return addLine(withAbsolutePaths(text, folder_));
    }
  }

  void takeTerminal(const std::string& wish) {
    if (isYes(wish)) terminal_ = Terminal::WANTED;
    if (wish == "force") terminal_ = Terminal::FORCED;
    if (isNo(wish)) terminal_ = Terminal::NEVER;
  }

  void takeHost(const std::string& word) {
    hostSeen_ = true;
    bool url = word.compare(0, kScheme.size(), kScheme) == 0;
    place_ = url ? splitUrl(word) : splitUser(word);
    bool whole = !place_.host.empty() && (!place_.user || !place_.user->empty());
    if (!whole || (place_.port && !isPort(*place_.port))) complain("'" + word + "' is no [user@]host");
    if (place_.user) takeUser(*place_.user);
    if (place_.port) takePort(*place_.port);
  }

  // The first one counts, be it said here or by a line.
  void takeUser(const std::string& user) {
    if (!userIsSet_) user_ = user;
    userIsSet_ = true;
  }
  void takePort(const std::string& port) {
    if (!portIsSet_) port_ = port;
    portIsSet_ = true;
  }

  void addLineFor(bool& isSet, const std::string& line) {
    isSet = true;
    addLine(line);
  }
  void addFirm(const std::string& line) { result_.options.insert(result_.options.begin(), line); }
  void addLine(std::string line) { result_.options.push_back(std::move(line)); }

  void needReal(const std::string& what) {
    if (result_.beyondUs.empty()) result_.beyondUs = what;
  }
  void complain(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
  }

  void finish() {
    if (!hostSeen_) complain("a host is missing");
    if (result_.subsystem && commandWords_ == 0) complain("-s: the name of a subsystem is missing");
    result_.terminal = terminal_.value_or(Terminal::AUTOMATIC);
    result_.forwardsAgent = agent_.value_or(false);
    bool bracket = port_ && place_.host.find(':') != std::string::npos;
    std::string host = bracket ? "[" + place_.host + "]" : place_.host;
    result_.target = (user_ ? *user_ + "@" : "") + host + (port_ ? ":" + *port_ : "");
  }

  const Arguments& arguments_;
  std::string folder_;
  size_t at_ = 0;
  size_t commandWords_ = 0;
  SshCommand result_;
  Place place_;
  std::optional<std::string> user_;
  std::optional<std::string> port_;
  std::optional<Terminal> terminal_;
  std::optional<bool> agent_;
  bool userIsSet_ = false;
  bool portIsSet_ = false;
  bool hostSeen_ = false;
  std::string problem_;
};

}  // namespace

tl::expected<SshCommand, std::string> readSshArguments(const Arguments& arguments, const std::string& folder) {
  return Reader(arguments, folder).read();
}

}  // namespace cbs::cli
