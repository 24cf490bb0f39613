// One file on its way from a host.
#pragma once

#include "agentd/ssh/sftp.h"
#include "agentd/transfer/local_file.h"
#include "agentd/transfer/progress.h"

#include <string>

namespace cbs::transfer {

// Writes what the file holds until its end, also if that is further than the server said at first (a log that grows, a
// file of /proc).
class Download {
 public:
  // What is referred to outlives the download. `destination` is empty, and what it holds after a failure is worth
  // nothing.
  Download(ssh::Sftp& sftp, std::string path, const LocalFile& destination, Progress& progress);

  // To be called once. May be dropped at any time. Fails with transferFailed or timedOut; a file that shrinks meanwhile
  // is one of remoteIo.
  Task<Expected<Moved>> run();

 private:
  Task<Expected<ssh::SftpAttributes>> examine();
  Task<Expected<bool>> fetchPiece();
  Task<Expected<void>> fetchKnown(uint64_t offset, size_t length);
  Task<Expected<bool>> fetchBeyond();
  Task<Expected<size_t>> fetch(uint64_t offset, size_t length);

  ssh::Sftp& sftp_;
  std::string path_;
  const LocalFile& destination_;
  Progress& progress_;
  ssh::Sftp::File file_;
  uint64_t size_ = 0;  // as the server said at first
  size_t pieceSize_ = 0;
  uint64_t next_ = 0;           // offset of the next piece
  bool lookingBeyond_ = false;  // one piece at a time comes after that size, as there is none as a rule
};

}  // namespace cbs::transfer
