// The folders on a host that a transfer puts things into: which of them are really there, and what they are to be when
// all is in them.
#pragma once

#include "agentd/transfer/remote_place.h"
#include "agentd/transfer/streams.h"
#include "common/turnstile.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cbs::transfer {

struct RemoteFolder {
  enum class State {
    UNKNOWN,
    ABSENT,
    BLOCKED,  // something else is there, or above it; a link is never followed
    FOUND,
    MADE,  // in this transfer: nothing is in it but what was put there
  };
  State state = State::UNKNOWN;
  uint32_t mode = 0;      // as it is on the host
  int64_t mtimeS = 0;     // as it was there
  bool unlocked = false;  // it got u+rwx for as long as we write
  bool changed = false;   // something was put into it
  bool cameBy = false;    // as an entry: what follows is of use
  uint32_t wantedMode = 0;
  int64_t wantedMtimeS = 0;
  std::set<std::string> seen = {};  // names of entries that came by; only for deleteExtras

  bool isThere() const { return state == State::FOUND || state == State::MADE; }
};

class RemoteFolders {
 public:
  // What is referred to outlives it.
  RemoteFolders(Streams& streams, const RemotePlace& place, const Options& options)
      : streams_(streams), place_(place), options_(options) {}

  // To be called once the place is decided.
  void begin();

  // Takes note of an entry that came by.
  void sawEntry(const Entry& entry);
  // Takes note of what is at a folder's place.
  void sawStanding(const std::string& path, const std::optional<Entry>& standing);

  // The folder at an entry path as far as it is known.
  RemoteFolder::State state(const std::string& path) const;
  // Finds out whether it is there. Fails with notFound, or alreadyExists if something else is there or above it.
  Task<Expected<RemoteFolder*>> real(std::string path);
  // The same for one that something is to be put into, which may need a mode that allows it.
  Task<Expected<RemoteFolder*>> forWriting(std::string path);

  // Makes a folder, or takes the one that is there.
  Task<Expected<void>> make(Entry entry);
  // Gives them all their times and modes. Nothing is to be put into them any more.
  Task<std::vector<PathError>> settle();

  std::map<std::string, RemoteFolder>& all() { return folders_; }

 private:
  Task<Expected<void>> makeAbsent(Entry entry);
  Task<void> unlock(std::string path);
  Task<Expected<void>> learnMode(std::string path);
  Error blocked(std::string path) const;
  ssh::SftpAttributes missing(const RemoteFolder& folder) const;

  Streams& streams_;
  const RemotePlace& place_;
  const Options& options_;
  std::map<std::string, RemoteFolder> folders_;  // by entry path, so that a folder comes before what is in it
  Turnstile unlocking_{1};
};

// As SFTP can tell it: from 1970 to 2106.
std::optional<uint32_t> sftpTime(int64_t mtimeS);

}  // namespace cbs::transfer
