// A file on a host, as transfers name it.
#pragma once

#include "common/error.h"

#include <string>
#include <string_view>

namespace cbs::cli {

struct RemotePath {
  std::string target;  // [user@]host[:port]
  std::string path;    // relative ones start at the home directory; never empty
  bool operator==(const RemotePath&) const = default;
};

// Reads TARGET:PATH as scp does: the first colon ends the target. As a target may have colons itself, it can stand in
// brackets: `[::1]:f`, `me@[::1]:f`, `[web1:2222]:f`, `[me@[::1]:2222]:f`. One with a group, which may have a source,
// ends at the last colon before any slash: `@lab:web:/f`. `~/f` is `f`; no path is the home directory.
//
// Fails with usage/badRequest, also for what is the name of a local file: without a colon, or with a slash before it.
Expected<RemotePath> parseRemotePath(std::string_view text);

// True if `text` names a file on a host rather than a local one.
bool isRemotePath(std::string_view text);

}  // namespace cbs::cli
