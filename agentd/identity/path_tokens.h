// The placeholders that ssh_config(5) allows in the names of files.
#pragma once

#include <string>
#include <string_view>

namespace cbs::identity {

struct HostConfig;

// Our home directory as the password database has it, which is where ssh looks; $HOME is not asked.
const std::string& homeFolder();

// Replaces a leading `~` or `~NAME` by the home directory of us or of that account; one that nobody has stays as it is.
std::string expandTilde(std::string_view path);

// Replaces `%` tokens alone.
std::string expandTokens(std::string_view text, const HostConfig& host);

// Replaces `~`, `%` tokens and `${NAME}`. What is no placeholder stays as it is, and so does an unset variable.
std::string expandPath(std::string_view path, const HostConfig& host);

}  // namespace cbs::identity
