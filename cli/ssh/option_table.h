// The options of ssh(1), and what becomes of each.
#pragma once

#include <vector>

namespace cbs::cli {

struct SshOption {
  enum class Meaning {
    IGNORED,       // the pool sees to it, or there is nothing of the kind
    REAL,          // the real ssh does what it asks for
    REAL_QUIETLY,  // the same, without a word: programs ask so what ssh can do
    FIRST,         // sets `keyword`, unless that is set already
    FIRM,          // sets `keyword`, whatever has been set before
    LINE,          // is a line of ssh_config
    AGENT,
    NO_AGENT,
    CONFIG_FILE,
    KEY_FILE,
    LOG_FILE,
    NO_INPUT,
    NO_TERMINAL,
    PORT,
    QUIET,
    SUBSYSTEM,
    TERMINAL,
    USER,
    VERBOSE,
  };
  char letter;
  const char* value;  // its name; "": it has none
  Meaning meaning;
  const char* keyword;  // `Keyword=`, before the value
  const char* summary;
};

// In the order of the alphabet, as of OpenSSH 9.2.
const std::vector<SshOption>& sshOptions();

// nullptr: there is none.
const SshOption* findSshOption(char letter);

}  // namespace cbs::cli
