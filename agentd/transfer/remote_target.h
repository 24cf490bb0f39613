// What the parts of a RemoteSink share.
#pragma once

#include "agentd/transfer/digest_run.h"
#include "agentd/transfer/parts_in_use.h"
#include "agentd/transfer/remote_folders.h"
#include "agentd/transfer/remote_listing.h"
#include "agentd/transfer/remote_place.h"
#include "agentd/transfer/streams.h"

#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace cbs::transfer {

// The modes of files that were looked at of late: none of one that was not there.
class RecentModes {
 public:
  using Mode = std::optional<uint32_t>;

  void note(const std::string& path, Mode mode);
  // Gives it, and forgets it; nothing of one that was not looked at, or too long ago.
  std::optional<Mode> take(const std::string& path);

 private:
  static constexpr size_t kKept = 8192;
  std::unordered_map<std::string, Mode> newer_;
  std::unordered_map<std::string, Mode> older_;
};

struct RemoteTarget {
  RemoteTarget(kj::Timer& timer, Streams& streams, Channels& channels, const Options& options, PartsInUse& parts,
               std::string hostKey)
      : streams(streams), digestHost(timer, channels), options(options), parts(parts), hostKey(std::move(hostKey)) {}
  KJ_DISALLOW_COPY(RemoteTarget);

  // Fails unless the path is one that a file or link of ours can have.
  Expected<void> check(const std::string& entryPath) const;
  // The mode of the file that is there, if one is and it matters; nothing if that is not known.
  std::optional<RecentModes::Mode> standingMode(const std::string& entryPath);
  Task<RecentModes::Mode> askStandingMode(ssh::Sftp& sftp, std::string entryPath) const;

  Streams& streams;
  DigestHost digestHost;
  const Options& options;
  PartsInUse& parts;
  std::string hostKey;
  RemotePlace place = {};
  RemoteFolders folders{streams, place, options};
  RemoteListings listings = {};
  RecentModes modes = {};
  // Of what a call is about to make: those of dropped calls stay here.
  std::set<std::string> temporaries = {};
};

}  // namespace cbs::transfer
