// Large files that the daemon writes to by their descriptors.
#pragma once

#include "cli/transfer/temporary_file.h"
#include "schema/transfer.capnp.h"

#include <kj/io.h>

#include <string>

namespace cbs::cli {

class FileWritingServer final : public schema::FileWriting::Server {
 public:
  static constexpr uint64_t kWorthKeeping = uint64_t{1024} * 1024;

  // `file` was made in `folder`, whose path is `folderPath`, and becomes `name` there.
  FileWritingServer(kj::AutoCloseFd folder, std::string folderPath, std::string name, TemporaryFile file,
                    const WriteRules& rules)
      : folder_(kj::mv(folder)),
        folderPath_(std::move(folderPath)),
        name_(std::move(name)),
        file_(std::move(file)),
        rules_(rules) {}
  ~FileWritingServer() noexcept(false) { giveUp(); }

  kj::Promise<void> commit(CommitContext context) override;
  // `part` is an absolute path.
  kj::Promise<void> leave(LeaveContext context) override;

 private:
  bool finish(const LocalEntry& entry);
  // The path of what is kept; "": nothing.
  std::string giveUp();

  kj::AutoCloseFd folder_;
  std::string folderPath_;
  std::string name_;
  TemporaryFile file_;
  WriteRules rules_;
};

}  // namespace cbs::cli
