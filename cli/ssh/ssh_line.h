// A line of ssh_config(5) as ssh -o takes it.
#pragma once

#include <string>

namespace cbs::cli {

struct SshLine {
  enum class Meaning {
    PLAIN,   // the daemon asks ssh what it means
    POOLED,  // about shared connections, which the pool sees to
    REAL,    // asks for what the real ssh has to do
    AGENT,
    LOG_LEVEL,
    NO_INPUT,
    PORT,
    SUBSYSTEM,
    TERMINAL,
    USER,
  };
  Meaning meaning;
  std::string keyword;  // in lower case
  std::string value;    // without quotes around it; in lower case where ssh does not mind, as in `LogLevel=ERROR`
};

SshLine readSshLine(const std::string& text);

// The same line, where a file that it names no longer depends on the folder that we are in.
std::string withAbsolutePaths(const std::string& text, const std::string& folder);

// `file` as absoluteFile gives it.
std::string identityFileLine(const std::string& file);

// `~` and tokens stay for ssh to expand; a `%` in `folder` is none.
std::string absoluteFile(const std::string& path, const std::string& folder);

}  // namespace cbs::cli
