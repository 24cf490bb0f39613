#include "cli/output/reload_text.h"

#include "common/config.h"

namespace cbs::cli {

std::string changesText(capnp::List<schema::Change>::Reader changes) {
  if (changes.size() == 0) return "nothing has changed\n";
  std::string text;
  for (auto change : changes) {
    auto value = [](capnp::Text::Reader text) { return text.size() == 0 ? "(not set)" : std::string(text.cStr()); };
    text += std::string(change.getKey().cStr()) + ": " + value(change.getBefore()) + " -> " + value(change.getAfter());
    text += change.getAtRestart() ? " (when the daemon is started again)\n" : "\n";
  }
  return text;
}

std::string faultsText(capnp::List<schema::ConfigFault>::Reader faults) {
  std::string text;
  for (auto fault : faults) {
    ConfigFault same{.file = fault.getFile().cStr(),
                     .line = fault.getLine(),
                     .column = fault.getColumn(),
                     .key = fault.getKey().cStr(),
                     .text = fault.getText().cStr()};
    text += "cbsession: " + faultText(same) + "\n";
  }
  return text + "cbsession: nothing has changed. Next: mend what is named, then repeat\n";
}

}  // namespace cbs::cli
