// Reads the names in a folder of a host, with several requests under way.
#pragma once

#include "agentd/transfer/closing.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace cbs::transfer {

class FolderReader {
 public:
  using Names = std::optional<std::vector<ssh::SftpName>>;

  // What is referred to outlives it.
  FolderReader(ssh::Sftp& sftp, Closing& closing, std::string path)
      : sftp_(sftp), closing_(closing), path_(std::move(path)) {}
  ~FolderReader() noexcept(false);
  KJ_DISALLOW_COPY(FolderReader);

  // Some more of the names, in any order; none (an empty optional) at the end. Of a folder that turns out to be a large
  // one, up to `atOnce` requests are under way. One call at a time; none after the end or an error.
  Task<Expected<Names>> next(unsigned atOnce);

 private:
  ssh::Sftp& sftp_;
  Closing& closing_;
  std::string path_;
  std::optional<ssh::Sftp::File> handle_;
  std::deque<Task<Expected<Names>>> requests_;
  unsigned wanted_ = 2;  // names and their end: most folders need no more
  bool ended_ = false;
};

}  // namespace cbs::transfer
