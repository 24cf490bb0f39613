// A large file of a host that is being read, over all streams there are.
#pragma once

#include "agentd/transfer/closing.h"
#include "agentd/transfer/digest_run.h"
#include "agentd/transfer/source.h"
#include "agentd/transfer/streams.h"

#include <map>
#include <optional>
#include <string>

namespace cbs::transfer {

class RemoteReader final : public Reader {
 public:
  // What is referred to outlives it. `file` is what is known about the file at `path`.
  RemoteReader(Streams& streams, DigestHost& digestHost, Closing& closing, std::string path, Entry file)
      : streams_(streams), digestHost_(digestHost), closing_(closing), path_(kj::mv(path)), file_(kj::mv(file)) {}
  ~RemoteReader() noexcept(false) override;
  KJ_DISALLOW_COPY(RemoteReader);

  // Fails if the file cannot be opened. To be called once, first.
  Task<Expected<void>> open();

  size_t pieceSize() const override { return streams_.first().maxRead(); }
  Task<Expected<Bytes>> read(uint64_t offset, size_t length) override;
  Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) override;
  Task<Expected<void>> checkUnchanged() override;

 private:
  // The file on one stream.
  struct Handle {
    ssh::Sftp& sftp;
    std::optional<ssh::Sftp::File> file = {};
    kj::ForkedPromise<Expected<void>> opening = nullptr;
  };

  Task<Expected<ssh::Sftp::File>> handleOn(ssh::Sftp& sftp, size_t stream);
  Task<Expected<void>> openOn(Handle& handle);
  Task<Expected<Bytes>> readOver(ssh::Sftp& sftp, size_t stream, uint64_t offset, size_t length);
  Task<Expected<void>> compare(Handle& handle);

  Streams& streams_;
  DigestHost& digestHost_;
  Closing& closing_;
  std::string path_;
  Entry file_;
  std::map<size_t, Handle> handles_;
};

}  // namespace cbs::transfer
