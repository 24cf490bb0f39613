// One local file on its way to a host.
#pragma once

#include "agentd/ssh/sftp.h"
#include "agentd/transfer/local_file.h"
#include "agentd/transfer/progress.h"

#include <string>

namespace cbs::transfer {

struct UploadPlan {
  std::string path;
  std::string intoDirectoryAs;  // the file's name if `path` is a directory; empty: that is a failure
  uint64_t size = 0;
  uint32_t mode = 0;
  uint64_t mtimeMs = 0;  // 0: the time of the upload
};

// The file is written under a temporary name beside its destination, which it then replaces at once: nobody sees a part
// of it.
class Upload {
 public:
  // What is referred to outlives the upload.
  Upload(ssh::Sftp& sftp, const LocalFile& source, const UploadPlan& plan, Progress& progress)
      : sftp_(sftp), source_(source), plan_(plan), progress_(progress) {}

  // To be called once. May be dropped at any time. Fails with transferFailed or timedOut.
  Task<Expected<Moved>> run();

  // Where the file goes: absolute once that is known.
  const std::string& destination() const { return destination_; }
  // The temporary file that may be on the host: for whoever ends the upload early, or finds it failed, to remove. Empty
  // if there is none.
  const std::string& temporary() const { return temporary_; }

 private:
  Task<Expected<void>> makeTemporary();
  Task<Expected<void>> send();
  Task<Expected<bool>> sendPiece();
  Task<Error> explain(Error error, size_t bytes);
  Task<Expected<void>> finish();
  Expected<void> checkSource(const LocalFile::Stamp& before) const;

  ssh::Sftp& sftp_;
  const LocalFile& source_;
  const UploadPlan& plan_;
  Progress& progress_;
  std::string destination_;
  std::string temporary_;
  ssh::Sftp::File file_;
  size_t pieceSize_ = 0;
  uint64_t next_ = 0;  // offset of the next piece
};

}  // namespace cbs::transfer
