#include "agentd/transfer/remote_errors.h"

#include "agentd/transfer/remote_path.h"

#include <algorithm>

namespace cbs::transfer {
namespace {

// What others who write at the same time may have freed again by the time the server is asked.
constexpr uint64_t kFreedMeanwhile = 1024 * 1024;

}  // namespace

Error remoteError(Reason reason, const std::string& path, const std::string& words) {
  return Error{ErrorKind::TRANSFER_FAILED, reason, words.empty() ? path : path + ": " + words}.with("remotePath", path);
}

bool endsAll(const Error& error) {
  return error.kind != ErrorKind::TRANSFER_FAILED || error.reason == Reason::CONNECTION_LOST;
}

Error aboutTarget(Error error, const std::string& temporary, const std::string& target) {
  size_t place = error.detail.find(temporary);
  if (place != std::string::npos) error.detail.replace(place, temporary.size(), target);
  for (auto& fact : error.facts) {
    if (fact.value == temporary) fact.value = target;
  }
  return error;
}

Task<Error> explainWriting(ssh::Sftp& sftp, Error error, std::string target, uint64_t bytes) {
  if (error.reason != Reason::REMOTE_IO || sftp.broken()) co_return error;
  auto free = co_await sftp.freeSpace(folderOf(target));
  const uint64_t needed = bytes == 0 ? 0 : std::max(bytes, kFreedMeanwhile);
  if (!free || *free > needed) co_return error;
  co_return remoteError(Reason::NO_SPACE, target, "the disk is full");
}

Task<Error> explainPlacing(ssh::Sftp& sftp, Error error, std::string path) {
  if (error.reason != Reason::REMOTE_IO || sftp.broken()) co_return error;
  auto there = co_await sftp.linkStat(path);
  if (!there || !there->isDirectory()) co_return error;
  co_return remoteError(Reason::ALREADY_EXISTS, path, "there is a folder");
}

}  // namespace cbs::transfer
