// The known_hosts files in use, each read once and again when it has changed.
#pragma once

#include "agentd/identity/file_stamp.h"
#include "agentd/identity/known_hosts_writer.h"
#include "agentd/identity/verdict.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/turnstile.h"

#include <map>
#include <string>
#include <vector>

namespace cbs::identity {

// Files are read and searched on threads of their own where that could take longer than a millisecond.
class KnownHosts {
 public:
  explicit KnownHosts(Loop loop) : loop_(loop) {}

  // The files as they are now. One that is missing or unreadable is empty. Fails as KnownHostsFile::read.
  Task<Expected<std::vector<NamedKnownHosts>>> load(std::vector<std::string> paths);

  // As linesOf, by files as load() gives them.
  Task<std::vector<KnownLine>> find(std::vector<NamedKnownHosts> files, std::string name);

  // As appendKnownHost.
  Task<Expected<void>> append(NewKnownHost host);

 private:
  struct Loaded {
    FileStamp stamp;
    std::shared_ptr<const KnownHostsFile> file;
  };
  Task<Expected<std::shared_ptr<const KnownHostsFile>>> loadOne(std::string path);

  // What is kept for `path`, if it is still true; else null.
  std::shared_ptr<const KnownHostsFile> kept(const std::string& path) const;

  Loop loop_;
  Turnstile threads_{4};
  std::map<std::string, Loaded> loaded_;
};

}  // namespace cbs::identity
