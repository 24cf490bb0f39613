// Whom we trust, and the folder that a socket is in: who could tamper with what is there.
#pragma once

#include "common/error.h"

#include <kj/io.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace cbs {

// True for our own user and for root.
bool isTrusted(uid_t uid);

enum class SocketSide { CALLER, DAEMON };

// Opens a socket's folder, as a handle for what follows (O_PATH), and judges it. It must belong to us or to root and
// must not be writable by others, unless it is sticky as /tmp is. A caller also takes one of another user that root
// has put there (isServiceFolder).
//
// Fails with agentUnreachable: notRunning if there is none, peerRefused if it can not be trusted.
Expected<kj::AutoCloseFd> openSocketFolder(const std::string& socketPath, SocketSide side);

// Whether a daemon of another user may be behind what is in the folder that `handle` is of; see isServiceFolder.
bool mayServe(int handle, uid_t user);

struct FolderState {
  uid_t owner;
  mode_t mode;
};

// Whether it was root who let `user` serve in a folder, as /run/cbsession is the system service's: it is that user's,
// nobody else may write to it, and those above it are root's and nobody else may write to them. A sticky bit does not
// help. `way` is the folder and those above it, up to the root.
bool isServiceFolder(const std::vector<FolderState>& way, uid_t user);

// The folder that a path is in, and its name there.
std::string folderOf(const std::string& path);
std::string nameIn(const std::string& path);

// What is said of a path that cannot be used.
tl::unexpected<Error> refuseSocket(Reason reason, const std::string& path, std::string detail);
tl::unexpected<Error> refuseSocketErrno(const std::string& path, const std::string& what, int error);

}  // namespace cbs
