// `cbsession __complete`, which the shells' scripts call.
#pragma once

#include "cli/completion/completion.h"

namespace cbs::cli {

// `arguments` are `bash LINE-UP-TO-THE-CURSOR COMP_WORDBREAKS`, or `zsh WORD…` or `fish WORD…`: the words after the
// program's name, the last of which is being typed. Prints a line for each candidate: for bash as it is to stand in the
// line, with a space if it is final and no quote is open; for the others the word, such a space, a tab and a summary. A
// line with no word and `files` as its summary asks for files of this machine. Gives the exit code.
int printCompletion(const std::vector<KnownCommand>& commands, const Arguments& arguments);

// What it prints, from these sources.
std::string completionText(const std::vector<KnownCommand>& commands, const Arguments& arguments,
                           CompletionSources& sources, const std::string& home);

}  // namespace cbs::cli
