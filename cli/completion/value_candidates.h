// What the value of an option, or another word of a command, can be.
#pragma once

#include "cli/completion/candidate.h"
#include "cli/completion/command_shape.h"

#include <string_view>

namespace cbs::cli {

// `before` is what stands before the value in the same word (`--output=`).
Completion valueCandidates(const OptionShape& option, const std::string& typed, const std::string& before,
                           CompletionSources& sources);

Completion positionalCandidates(const PositionalShape& positional, std::string_view command, const std::string& typed,
                                CompletionSources& sources);

// The words of `Which of them go first: low, normal or high`; none if there are no two of them.
std::vector<std::string> choicesIn(const std::string& summary);

}  // namespace cbs::cli
