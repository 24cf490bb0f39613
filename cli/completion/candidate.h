// What a word may become, and who knows.
#pragma once

#include "cli/nodes/group_source.h"

#include <string>
#include <vector>

namespace cbs::cli {

struct Candidate {
  std::string text;  // the whole word
  std::string summary = "";
  bool final = true;  // the next word may follow; else the word goes on, as after the slash of a folder
};

// Where candidates come from that are no part of the program. None of them fails: there are no candidates then.
class CompletionSources {
 public:
  virtual ~CompletionSources() = default;
  virtual std::vector<std::string> hosts() = 0;
  virtual std::vector<GroupSource::Name> groups() = 0;
  // With their names; `alive`: that have not ended.
  virtual std::vector<Candidate> jobs(bool alive) = 0;
  // What is in a folder of a host: names, those of folders with a slash.
  virtual std::vector<std::string> remoteFiles(const std::string& target, const std::string& folder) = 0;
};

struct Completion {
  std::vector<Candidate> candidates;  // that begin with what was typed
  bool localFiles = false;            // and files of this machine
};

}  // namespace cbs::cli
