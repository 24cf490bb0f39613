#include "cli/transfer/local_error.h"

#include <cerrno>

namespace cbs::cli {
namespace {

Reason reasonOf(int error) {
  switch (error) {
    case ENOENT:
      return Reason::NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
      return Reason::PERMISSION_DENIED;
    case ENOSPC:
    case EDQUOT:
      return Reason::NO_SPACE;
    case EISDIR:
    case EEXIST:
    case ENOTDIR:
    case ELOOP:
      return Reason::ALREADY_EXISTS;
    default:
      return Reason::LOCAL_IO;
  }
}

std::string wordsOf(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "on this machine: " + systemMessage(error);
    case EISDIR:
      return "a folder is in the way";
    case ENOTDIR:
    case ELOOP:
      return "something that is not a folder is in the way";
    default:
      return systemMessage(error);
  }
}

}  // namespace

Error localError(const std::string& path, Reason reason, std::string detail) {
  return Error{ErrorKind::TRANSFER_FAILED, reason, std::move(detail)}.with("localPath", path);
}

Error localError(const std::string& path, int errorNumber) {
  return localError(path, reasonOf(errorNumber), wordsOf(errorNumber));
}

Error badPath(const std::string& path) { return localError(path, Reason::LOCAL_IO, "not a path within a tree"); }

}  // namespace cbs::cli
