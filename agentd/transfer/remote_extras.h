// Deletes what is in the folders of a tree on a host and did not come by.
#pragma once

#include "agentd/transfer/folder_reader.h"
#include "agentd/transfer/remote_target.h"
#include "agentd/transfer/sink.h"

#include <kj/memory.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cbs::transfer {

// Spared is what is excluded, parts of files, and so the folders that these are in.
class RemoteExtras {
 public:
  // All entries have come by. `target` outlives it.
  explicit RemoteExtras(RemoteTarget& target);
  ~RemoteExtras() noexcept(false);
  KJ_DISALLOW_COPY(RemoteExtras);

  // Goes on until some 1,000 more are deleted, or would be in a dry run. Adds them, and what could not be deleted. True
  // if that was all. `finished` outlives the task.
  Task<bool> deleteSome(Sink::Finished& finished);

 private:
  // A folder that is being gone through.
  struct Level;
  // A folder of the tree, and the folders below it that are deleted, of which the last one comes first.
  using Branch = std::vector<kj::Own<Level>>;

  Task<void> step(Branch& branch);
  bool takeFolder(Branch& branch);
  void enter(Branch& branch, std::string folder, const std::set<std::string>& seen, bool ofTree);
  Task<void> readOn(Level& level);
  Task<void> sort(Level& level);
  Task<void> sortOne(Level& level, ssh::SftpName name);
  Task<void> removeFiles(Level& level);
  Task<void> leave(Branch& branch);
  Task<Expected<void>> removeFolder(std::string folder);
  Task<bool> removeFile(std::string path);
  bool told(const std::string& path, Expected<void> removed);
  ssh::Sftp& sftp() { return target_.streams.first(); }

  RemoteTarget& target_;
  Closing closing_;
  std::map<std::string, RemoteFolder>::iterator next_;  // the folder of the tree that nobody has begun with
  std::vector<Branch> branches_;
  Sink::Finished* finished_ = nullptr;
};

}  // namespace cbs::transfer
