#include "cli/completion/target_candidates.h"

#include <set>

namespace cbs::cli {
namespace {

// Where the last operand of a node set begins.
size_t lastOperand(const std::string& typed) { return typed.find_last_of(",!&^") + 1; }

// The place of the `@` that begins a group, as in `@web` and `me@@web`; npos if there is none.
size_t groupMark(const std::string& typed) {
  size_t begin = lastOperand(typed);
  if (typed.compare(begin, 1, "@") == 0) return begin;
  size_t doubled = typed.find("@@", begin);
  return doubled == typed.npos ? typed.npos : doubled + 1;
}

// Groups by their names, and the sources that they may be looked up in; behind a source's colon its groups. `before` is
// what was typed up to the `@`.
std::vector<Candidate> groupCandidates(const std::string& before, bool qualified, const char* after,
                                       CompletionSources& sources) {
  std::vector<Candidate> candidates;
  std::set<std::string> seen;
  auto add = [&](std::string text, const std::string& summary, bool final) {
    if (seen.insert(text).second) candidates.push_back({before + text, summary, final});
  };
  for (const GroupSource::Name& group : sources.groups()) {
    bool final = *after == '\0';
    if (!qualified) add(group.name + after, group.source, final);
    if (group.source.empty()) continue;
    qualified ? add(group.source + ":" + group.name + after, "", final) : add(group.source + ":", "", false);
  }
  return candidates;
}

}  // namespace

std::vector<Candidate> hostCandidates(const std::string& typed, const char* after, CompletionSources& sources) {
  if (typed.substr(0, 1) == "@") return {};
  std::string user = typed.substr(0, typed.rfind('@') + 1);
  std::vector<Candidate> candidates;
  for (const std::string& host : sources.hosts()) candidates.push_back({user + host + after, "", *after == '\0'});
  return candidates;
}

std::vector<Candidate> nodeSetCandidates(const std::string& typed, const char* after, CompletionSources& sources) {
  if (size_t mark = groupMark(typed); mark != typed.npos) {
    return groupCandidates(typed.substr(0, mark + 1), typed.find(':', mark) != typed.npos, after, sources);
  }
  size_t begin = lastOperand(typed);
  auto hosts = hostCandidates(typed.substr(begin), after, sources);
  for (Candidate& host : hosts) host.text.insert(0, typed.substr(0, begin));
  return hosts;
}

bool endsInGroup(const std::string& typed) { return groupMark(typed) != typed.npos; }

}  // namespace cbs::cli
