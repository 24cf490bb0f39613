#include "cli/completion/command_shape.h"

#include <algorithm>

namespace cbs::cli {
namespace {

OptionShape optionShape(const CLI::Option& option) {
  OptionShape shape;
  for (const std::string& name : option.get_snames()) shape.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) shape.names.push_back("--" + name);
  if (option.get_items_expected_max() > 0) shape.type = option.get_type_name();
  shape.summary = option.get_description();
  return shape;
}

CommandShape shapeOfLine(const CommandLine& line) {
  CommandShape shape;
  shape.endsInCommand = line.endsInCommand();
  for (const CLI::Option* option : line.app().get_options()) {
    if (option->nonpositional()) {
      shape.options.push_back(optionShape(*option));
    } else {
      shape.positionals.push_back({option->get_name(true), option->get_items_expected_max() > 1});
    }
  }
  return shape;
}

}  // namespace

const OptionShape* CommandShape::find(const std::string& name) const {
  for (const OptionShape& option : options) {
    if (std::find(option.names.begin(), option.names.end(), name) != option.names.end()) return &option;
  }
  return nullptr;
}

CommandShape shapeOf(int (*run)(Arguments)) {
  CommandShape shape;
  CommandLine::Looking looking([&](const CommandLine& line) { shape = shapeOfLine(line); });
  run({});
  return shape;
}

}  // namespace cbs::cli
