// A large file that is being written on a host.
#pragma once

#include "agentd/transfer/remote_orders.h"
#include "agentd/transfer/remote_target.h"
#include "agentd/transfer/sink.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cbs::transfer {

class RemoteWriter final : public Writer {
 public:
  // Makes the temporary file, or finds a part to go on with. `target` outlives the task and the writer.
  static Task<Expected<kj::Own<Writer>>> create(RemoteTarget& target, Entry file);

  RemoteWriter(RemoteTarget& target, Entry file);
  KJ_DISALLOW_COPY(RemoteWriter);

  size_t pieceSize() const override { return target_.streams.first().maxWrite(); }
  uint64_t kept() const override { return kept_; }
  Task<Expected<void>> write(uint64_t offset, Bytes bytes) override;
  Task<Expected<std::vector<std::string>>> digests(std::vector<Range> ranges) override;
  Task<Expected<void>> commit(Entry entry) override;
  Task<std::string> leave() override;

 private:
  // The file as one stream has it open.
  struct Handle {
    Turnstile opening{1};
    std::optional<Streams::Place> hold = {};
    std::optional<ssh::Sftp::File> file = {};
  };

  Task<Expected<void>> open();
  Task<Expected<void>> openPart(Streams::Place& place);
  Task<Expected<void>> openNew(Streams::Place& place);
  Task<Expected<void>> writeOver(Streams::Place& place, uint64_t offset, SharedBytes bytes);
  Task<Expected<ssh::Sftp::File>> handleOn(Streams::Place& place);
  void keepHandle(Streams::Place& place, ssh::Sftp::File file);
  Task<Expected<void>> settle(Streams::Place& place, Entry entry);
  void orderClosing(RemoteOrders& orders);
  Task<Error> explain(ssh::Sftp& sftp, Error error, uint64_t bytes);

  RemoteTarget& target_;
  const Entry entry_;
  const std::string path_;
  std::string temporary_;
  std::optional<PartsInUse::Claim> claim_;
  RecentModes::Mode standing_;
  uint64_t kept_ = 0;
  std::map<size_t, Handle> handles_;  // by the streams' numbers
  bool exists_ = false;               // the temporary file, as far as we know
};

}  // namespace cbs::transfer
