#include "cli/completion/value_candidates.h"

#include "cli/completion/target_candidates.h"
#include "cli/transfer/remote_path.h"

#include <algorithm>
#include <cctype>

namespace cbs::cli {
namespace {

bool takesNodeSet(std::string_view command) {
  return command == "exec" || command == "upload" || command == "submit" || command == "nodes";
}

// What would be a pattern on the host, or could not be typed, is left out.
bool isTypable(const std::string& name) {
  return std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }) &&
         name.find_first_of("*?[]\\") == name.npos;
}

// The folder is what was typed up to the last slash, or up to the colon: `web1:/srv/`, `web1:`.
std::vector<Candidate> remoteCandidates(const std::string& typed, CompletionSources& sources) {
  std::string stem = typed.substr(0, typed.rfind('/') + 1);
  if (!isRemotePath(stem)) stem = typed.substr(0, typed.rfind(':') + 1);
  auto folder = parseRemotePath(stem);
  if (!folder || !isTypable(folder->path)) return {};
  bool hidden = typed.size() > stem.size() && typed[stem.size()] == '.';
  std::vector<Candidate> candidates;
  for (const std::string& name : sources.remoteFiles(folder->target, folder->path)) {
    if (isTypable(name) && (name[0] != '.' || hidden)) candidates.push_back({stem + name, "", name.back() != '/'});
  }
  return candidates;
}

Completion pathCandidates(const std::string& typed, bool local, bool many, CompletionSources& sources) {
  if (isRemotePath(typed) && !(many && endsInGroup(typed))) return {remoteCandidates(typed, sources)};
  Completion completion;
  if (typed.find('/') == typed.npos) {
    completion.candidates = many ? nodeSetCandidates(typed, ":", sources) : hostCandidates(typed, ":", sources);
  }
  completion.localFiles = local;
  return completion;
}

Completion jobCandidates(bool alive, CompletionSources& sources) { return {sources.jobs(alive)}; }

bool isChoice(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) { return islower(c) || c == '-'; });
}

}  // namespace

std::vector<std::string> choicesIn(const std::string& summary) {
  size_t colon = summary.rfind(": ");
  std::string rest = colon == summary.npos ? summary : summary.substr(colon + 2);
  for (const char* last : {", or ", " or "}) {
    if (size_t at = rest.find(last); at != rest.npos) rest.replace(at, std::string_view(last).size(), ", ");
  }
  std::vector<std::string> words;
  for (size_t begin = 0; begin < rest.size();) {
    size_t end = std::min(rest.find(", ", begin), rest.size());
    std::string word = rest.substr(begin, end - begin);
    if (!isChoice(word)) break;
    words.push_back(word);
    begin = end + 2;
  }
  return words.size() < 2 ? std::vector<std::string>() : words;
}

Completion valueCandidates(const OptionShape& option, const std::string& typed, const std::string& before,
                           CompletionSources& sources) {
  Completion completion;
  const std::string& type = option.type;
  if (type == "PATH" || type == "FILE") {
    completion.localFiles = before.empty();
  } else if (type == "JOB") {
    completion = jobCandidates(false, sources);
  } else if (type == "TARGET") {
    completion.candidates = hostCandidates(typed, "", sources);
  } else if (type == "FORMAT" || type == "WORD" || type == "STATE,...") {
    for (const std::string& word : choicesIn(option.summary)) completion.candidates.push_back({word});
  }
  for (Candidate& candidate : completion.candidates) candidate.text.insert(0, before);
  return completion;
}

Completion positionalCandidates(const PositionalShape& positional, std::string_view command, const std::string& typed,
                                CompletionSources& sources) {
  const std::string& name = positional.name;
  bool many = takesNodeSet(command);
  if (name == "TARGET") return {many ? nodeSetCandidates(typed, "", sources) : hostCandidates(typed, "", sources)};
  if (name == "JOB") return jobCandidates(command == "cancel", sources);
  if (name == "PLACE") return pathCandidates(typed, false, many, sources);
  if (name == "PATH") return pathCandidates(typed, true, many, sources);
  if (name == "FILE") return {{}, true};
  if (!islower(static_cast<unsigned char>(name[0]))) return {};
  Completion verbs;
  for (size_t begin = 0; begin <= name.size();) {
    size_t end = std::min(name.find('|', begin), name.size());
    verbs.candidates.push_back({name.substr(begin, end - begin)});
    begin = end + 1;
  }
  return verbs;
}

}  // namespace cbs::cli
