// Tells what is in the trees of a host, with many folders being read at once.
#pragma once

#include "agentd/transfer/remote_roots.h"
#include "agentd/transfer/source.h"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace cbs::transfer {

class RemoteWalk final : private kj::TaskSet::ErrorHandler {
 public:
  // What is referred to outlives it. `errors` come with the first entries.
  RemoteWalk(ssh::Sftp& sftp, Closing& closing, const Options& options, const std::vector<RemoteRoot>& roots,
             std::vector<PathError> errors);
  KJ_DISALLOW_COPY(RemoteWalk);

  // As Source::next.
  Task<Expected<Source::Batch>> next();

 private:
  struct Folder;
  struct Found;
  using FolderPtr = std::shared_ptr<const Folder>;

  void pump();
  void tellRoot(size_t index);
  Task<void> readFolder(FolderPtr folder);
  Task<void> take(FolderPtr folder, std::vector<ssh::SftpName> names);
  Task<Expected<Found>> look(FolderPtr folder, ssh::SftpName name);
  Task<Expected<void>> follow(FolderPtr folder, std::string path, std::string name, ssh::SftpAttributes& attributes,
                              std::string& real);
  void tell(const FolderPtr& folder, Found found);
  void note(std::string path, Error error);
  kj::Promise<void> room();
  void makeRoom();
  bool full() const;
  bool finished() const;
  void taskFailed(kj::Exception&& exception) override;

  ssh::Sftp& sftp_;
  Closing& closing_;
  const Options& options_;
  const std::vector<RemoteRoot>& roots_;
  size_t nextRoot_ = 0;
  std::vector<FolderPtr> pending_;  // the last one is read next
  unsigned reading_ = 0;
  std::deque<Entry> ready_;
  std::deque<PathError> errors_;
  std::optional<Error> broken_;  // nothing can be asked any more
  kj::Own<kj::PromiseFulfiller<void>> consumer_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waitingForRoom_;
  kj::TaskSet tasks_;
};

}  // namespace cbs::transfer
