#include "agentd/core/remote_command.h"

#include <algorithm>

namespace cbs::core {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view kDigits = "0123456789";
// Beside letters and digits; they mean nothing to a shell wherever they stand.
constexpr std::string_view kPlain = "-./:,+@";

// The words that a shell takes for its own where a command's name is expected (POSIX §2.4, bash, zsh). All others of
// the kind hold characters that are quoted anyway.
constexpr std::string_view kReserved[] = {
    "case",     "coproc", "do", "done",      "elif",   "else",   "end",  "esac", "fi",    "for",   "foreach",
    "function", "if",     "in", "nocorrect", "repeat", "select", "then", "time", "until", "while",
};

bool oneOf(std::string_view set, char c) { return set.find(c) != set.npos; }

bool isPlain(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return oneOf(kLetters, c) || oneOf(kDigits, c) || oneOf(kPlain, c);
  });
}

bool isVariableName(std::string_view name) {
  return !name.empty() && !oneOf(kDigits, name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return oneOf(kLetters, c) || oneOf(kDigits, c); });
}

std::string inQuotes(std::string_view word) {
  std::string result = "'";
  for (char c : word) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result += '\'';
}

std::string commandName(std::string_view word) {
  bool reserved = std::find(std::begin(kReserved), std::end(kReserved), word) != std::end(kReserved);
  return reserved ? inQuotes(word) : shellQuoted(word);
}

// `cd` itself would read "-" as the former directory, and look for a relative one in $CDPATH first.
std::string directory(std::string_view path) {
  if (path == "~") return "\"$HOME\"";
  if (path.starts_with("~/")) return "\"$HOME\"/" + inQuotes(path.substr(2));
  return inQuotes(path.starts_with('/') ? std::string(path) : "./" + std::string(path));
}

std::string joinedWords(const std::vector<std::string>& argv) {
  std::string result = commandName(argv[0]);
  for (size_t i = 1; i < argv.size(); ++i) result.append(" ").append(shellQuoted(argv[i]));
  return result;
}

tl::unexpected<Error> refuse(std::string detail) {
  return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, std::move(detail));
}

// What a person can be shown of a name that may be anything.
std::string shown(std::string_view name) {
  std::string result(name.substr(0, 64));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  return result;
}

bool holdsNul(std::string_view text) { return text.find('\0') != text.npos; }

Expected<void> checkEnvironment(const RemoteCommand& command) {
  for (const auto& [name, value] : command.environment) {
    if (!isVariableName(name)) {
      return refuse("\"" + shown(name) +
                    "\" cannot be the name of a variable: letters, digits and _ can, and no digit first");
    }
    if (holdsNul(value)) return refuse("the variable " + name + " holds a NUL byte, which no variable can");
  }
  return {};
}

Expected<void> checkCommand(const RemoteCommand& command) {
  if (command.argv.empty() && command.line.empty()) return refuse("the command is empty");
  if (holdsNul(command.line) || std::any_of(command.argv.begin(), command.argv.end(), holdsNul)) {
    return refuse("the command holds a NUL byte, which no command line can");
  }
  if (holdsNul(command.workingDirectory)) return refuse("the working directory holds a NUL byte, which no path can");
  return checkEnvironment(command);
}

}  // namespace

std::string shellQuoted(std::string_view word) { return isPlain(word) ? std::string(word) : inQuotes(word); }

Expected<std::string> remoteCommandLine(const RemoteCommand& command) {
  if (auto checked = checkCommand(command); !checked) return fail(checked.error());
  std::string result;
  for (const auto& [name, value] : command.environment) result += "export " + name + "=" + inQuotes(value) + "\n";
  if (!command.workingDirectory.empty()) result += "cd -- " + directory(command.workingDirectory) + " || exit 126\n";
  result += command.argv.empty() ? command.line : joinedWords(command.argv);
  if (result.size() <= kLongestCommand) return result;
  return refuse("the command with its variables has " + std::to_string(result.size()) + " bytes, and " +
                std::to_string(kLongestCommand) +
                " is the most that every SSH server takes; upload it as a script, or send it to `sh -s` as its input");
}

}  // namespace cbs::core
