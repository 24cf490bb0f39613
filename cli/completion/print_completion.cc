#include "cli/completion/print_completion.h"

#include "cli/completion/local_files.h"
#include "cli/completion/shell_words.h"
#include "cli/completion/user_sources.h"
#include "cli/output/print.h"
#include "cli/output/printable.h"
#include "common/environment.h"

#include <kj/exception.h>

#include <exception>

namespace cbs::cli {
namespace {

constexpr unsigned kLongestMs = 3000;

// What is asked for, whichever the shell.
struct Question {
  std::vector<std::string> words;
  std::string current;
};

Question questionOf(const Arguments& arguments) {
  if (arguments.size() < 2) return {};
  if (arguments[0] != "bash") return {{arguments.begin() + 1, arguments.end() - 1}, arguments.back()};
  auto line = readLine(arguments[1], arguments.size() > 2 ? arguments[2] : "");
  if (!line.words.empty()) line.words.erase(line.words.begin());
  return {line.words, line.current};
}

// Only what follows the last break is replaced in the line, and the quote there stays open.
std::string textForBash(const std::vector<Candidate>& candidates, const Arguments& arguments) {
  auto line = readLine(arguments[1], arguments.size() > 2 ? arguments[2] : "");
  size_t kept = line.current.size() - line.readline.size();
  std::string text;
  for (const Candidate& candidate : candidates) {
    text += quotedForBash(std::string_view(candidate.text).substr(kept), line.quote);
    if (candidate.final && line.quote == '\0') text += " ";  // readline ends the quote by itself
    text += "\n";
  }
  return text;
}

std::string textForOthers(const Completion& completion, bool marksFinal) {
  std::string text;
  for (const Candidate& candidate : completion.candidates) {
    text += candidate.text + (candidate.final && marksFinal ? " " : "") + "\t" + printable(candidate.summary) + "\n";
  }
  return completion.localFiles ? text + "\tfiles\n" : text;
}

}  // namespace

std::string completionText(const std::vector<KnownCommand>& commands, const Arguments& arguments,
                           CompletionSources& sources, const std::string& home) {
  if (arguments.size() < 2) return "";
  auto question = questionOf(arguments);
  auto completion = completeWord(commands, question.words, question.current, sources);
  if (arguments[0] != "bash") return textForOthers(completion, arguments[0] == "zsh");
  if (completion.localFiles) {
    for (Candidate& file : localFiles(question.current, home)) completion.candidates.push_back(std::move(file));
  }
  return textForBash(completion.candidates, arguments);
}

// Nobody would read a complaint; what went wrong shows when the command is run.
int printCompletion(const std::vector<KnownCommand>& commands, const Arguments& arguments) try {
  endCompletionAfter(kLongestMs);  // also a folder, or a file of hosts, may be on a disk that does not answer
  auto place = placeIn(questionOf(arguments).words);
  CommonOptions options;
  options.socket = place.socket;
  options.config = place.config;
  UserSources sources(options.place());
  print(completionText(commands, arguments, sources, std::string(lookUp(processEnvironment(), "HOME"))));
  return 0;
} catch (const std::exception&) {
  return 0;
} catch (const kj::Exception&) {
  return 0;
}

}  // namespace cbs::cli
