#include "cli/completion/completion.h"

#include "cli/completion/command_shape.h"
#include "cli/completion/value_candidates.h"

#include <algorithm>

namespace cbs::cli {
namespace {

// The words so far, as the command's parser would take them.
struct WordsRead {
  const OptionShape* awaiting = nullptr;  // its value comes next
  size_t positionals = 0;
  bool optionsOver = false;
};

// The option whose value is the next word. Of `-it` that is the last letter's.
const OptionShape* takesNext(const CommandShape& shape, const std::string& word) {
  if (word.find('=') != word.npos) return nullptr;
  bool isLong = word.compare(0, 2, "--") == 0;
  const OptionShape* option = shape.find(isLong ? word : std::string("-") + word.back());
  return option != nullptr && !option->type.empty() ? option : nullptr;
}

WordsRead readWords(const CommandShape& shape, const std::vector<std::string>& words) {
  WordsRead read;
  for (const std::string& word : words) {
    bool isOption = !read.optionsOver && word.size() > 1 && word[0] == '-';
    if (read.awaiting != nullptr) {
      read.awaiting = nullptr;
    } else if (isOption && word == "--") {
      read.optionsOver = true;
    } else if (isOption) {
      read.awaiting = takesNext(shape, word);
    } else {
      ++read.positionals;
    }
  }
  return read;
}

std::vector<Candidate> optionCandidates(const CommandShape& shape) {
  std::vector<Candidate> candidates;
  for (const OptionShape& option : shape.options) {
    for (const std::string& name : option.names) candidates.push_back({name, option.summary});
  }
  return candidates;
}

std::vector<Candidate> commandCandidates(const std::vector<KnownCommand>& commands) {
  std::vector<Candidate> candidates;
  for (const KnownCommand& command : commands) {
    candidates.push_back({std::string(command.name), std::string(command.summary)});
  }
  return candidates;
}

void keepMatching(std::vector<Candidate>& candidates, const std::string& typed) {
  auto differs = [&](const Candidate& candidate) { return candidate.text.compare(0, typed.size(), typed) != 0; };
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), differs), candidates.end());
}

Completion completeOfCommand(const KnownCommand& command, const std::vector<std::string>& words,
                             const std::string& current, CompletionSources& sources) {
  auto shape = shapeOf(command.run);
  auto read = readWords(shape, words);
  if (shape.endsInCommand && read.awaiting == nullptr && read.positionals > 0) return {};
  if (read.awaiting != nullptr) return valueCandidates(*read.awaiting, current, "", sources);
  bool option = !read.optionsOver && !current.empty() && current[0] == '-';
  size_t equals = current.find('=');
  if (option && equals != current.npos) {
    const OptionShape* named = shape.find(current.substr(0, equals));
    if (named == nullptr || named->type.empty()) return {};
    return valueCandidates(*named, current.substr(equals + 1), current.substr(0, equals + 1), sources);
  }
  if (option) return {optionCandidates(shape)};
  if (shape.positionals.empty()) return {};
  if (read.positionals >= shape.positionals.size() && !shape.positionals.back().many) return {};
  size_t index = std::min(read.positionals, shape.positionals.size() - 1);
  return positionalCandidates(shape.positionals[index], command.name, current, sources);
}

// Of a word that may stand before the command's name, the length with its value; 0 if it is none.
size_t commonOption(const std::string& word) {
  if (word == "--socket" || word == "--config" || word == "--output") return 2;
  return word.compare(0, 1, "-") == 0 ? 1 : 0;
}

}  // namespace

CompletionPlace placeIn(const std::vector<std::string>& words) {
  CompletionPlace place;
  auto look = [&](size_t i, const std::string& name, std::string& to) {
    if (words[i] == name && i + 1 < words.size()) to = words[i + 1];
    if (words[i].compare(0, name.size() + 1, name + "=") == 0) to = words[i].substr(name.size() + 1);
  };
  for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    look(i, "--socket", place.socket);
    look(i, "--config", place.config);
  }
  return place;
}

Completion completeWord(const std::vector<KnownCommand>& commands, const std::vector<std::string>& words,
                        const std::string& current, CompletionSources& sources) {
  size_t at = 0;
  while (at < words.size() && commonOption(words[at]) > 0) at += commonOption(words[at]);
  Completion completion;
  if (at > words.size()) {  // the value of such an option
    completion.localFiles = words.back() != "--output";
  } else if (at == words.size()) {
    completion.candidates = commandCandidates(commands);
    if (current.compare(0, 1, "-") == 0) completion.candidates = {{"--help"}, {"--version"}};
  } else {
    auto named = [&](const KnownCommand& command) { return command.name == words[at]; };
    auto command = std::find_if(commands.begin(), commands.end(), named);
    if (command == commands.end()) return {};
    std::vector<std::string> rest(words.begin() + static_cast<long>(at) + 1, words.end());
    completion = completeOfCommand(*command, rest, current, sources);
  }
  keepMatching(completion.candidates, current);
  return completion;
}

}  // namespace cbs::cli
