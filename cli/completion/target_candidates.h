// What a target can be.
#pragma once

#include "cli/completion/candidate.h"

#include <string>
#include <vector>

namespace cbs::cli {

// Hosts, with the `user@` that was typed, if any. `after` is what follows a target in the same word: a colon, or "".
std::vector<Candidate> hostCandidates(const std::string& typed, const char* after, CompletionSources& sources);

// The same for a node set, whose last operand may also be a group: `web1,@d`, `@web!me@@lab:d`.
std::vector<Candidate> nodeSetCandidates(const std::string& typed, const char* after, CompletionSources& sources);

// Whether the last operand of a node set begins as a group does. What follows its colon may be a group, too.
bool endsInGroup(const std::string& typed);

}  // namespace cbs::cli
