// What the word that is being typed may become.
#pragma once

#include "cli/completion/candidate.h"
#include "cli/options.h"

#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

// A command as completion sees it.
struct KnownCommand {
  std::string_view name;
  std::string_view summary;
  int (*run)(Arguments);
};

// The options that say which daemon is to be asked, as far as they are among the words.
struct CompletionPlace {
  std::string socket, config;
};
CompletionPlace placeIn(const std::vector<std::string>& words);

// `words` are those between the program's name and `current`, which is what has been typed of the next one.
Completion completeWord(const std::vector<KnownCommand>& commands, const std::vector<std::string>& words,
                        const std::string& current, CompletionSources& sources);

}  // namespace cbs::cli
