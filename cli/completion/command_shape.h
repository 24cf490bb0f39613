// What a command takes, as its own parser knows it.
#pragma once

#include "cli/options.h"

#include <string>
#include <vector>

namespace cbs::cli {

struct OptionShape {
  std::vector<std::string> names;  // with their dashes
  std::string type;                // of the value: "DUR"; "" for a flag
  std::string summary;
};

struct PositionalShape {
  std::string name;  // "TARGET", "show|check"
  bool many = false;
};

struct CommandShape {
  std::vector<OptionShape> options;
  std::vector<PositionalShape> positionals;
  bool endsInCommand = false;  // after the first word that is no option comes a command of another machine

  // The option of that name, or null.
  const OptionShape* find(const std::string& name) const;
};

// Lets `run` set up its parser, and goes no further.
CommandShape shapeOf(int (*run)(Arguments));

}  // namespace cbs::cli
