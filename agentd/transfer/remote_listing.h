// What is in a folder on a host.
#pragma once

#include "agentd/transfer/closing.h"
#include "agentd/transfer/entry.h"
#include "common/turnstile.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cbs::transfer {

// Keeps the last few listings, so that a folder that is looked at bit by bit is read once.
class RemoteListings {
 public:
  struct Listing {
    // By name; without the targets of links. None of what has to be asked for one by one: folders, as listings of some
    // servers tell what links lead to, and what the server gives no type of.
    std::unordered_map<std::string, std::optional<Entry>> names;
    std::vector<std::string> temporaries;  // names of files that are not in place yet
  };

  // What is in the folder at `path`, as it was when it was first asked for; nullptr if that cannot be told, or is too
  // much to be kept.
  Task<std::shared_ptr<const Listing>> of(ssh::Sftp& sftp, std::string path);

 private:
  struct Kept {
    std::string path;
    std::shared_ptr<const Listing> listing;
  };

  Turnstile reading_{8};
  std::deque<Kept> kept_;
  Closing closing_;
};

}  // namespace cbs::transfer
