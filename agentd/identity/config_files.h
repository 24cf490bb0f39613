// The files that ssh_config's answers come from, watched for changes.
#pragma once

#include "agentd/identity/config_kin.h"
#include "agentd/identity/file_stamp.h"
#include "common/error.h"

#include <kj/time.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cbs::identity {

// Follows Include lines wherever they stand (in Host and Match blocks too): rather one file too many than one too few.
class ConfigFiles {
 public:
  // A file to begin with, and the folder that relative Include patterns in it belong to.
  struct Root {
    std::string file;
    std::string folder;
  };
  // Looks at them once in `betweenLooks` at most.
  explicit ConfigFiles(std::vector<Root> roots, kj::Duration betweenLooks = 1 * kj::SECONDS)
      : roots_(std::move(roots)), betweenLooks_(betweenLooks) {}

  // A number that grows when any of the files, or the folder of any Include pattern, has changed.
  uint64_t generation(kj::TimePoint now);

  // Which hosts the files treat alike, as of the last look.
  const ConfigKin& kin() const { return kin_; }

 private:
  struct Watched {
    std::string path;
    FileStamp stamp;
  };
  void scan();
  void scanFile(const std::string& path, const std::string& folder, int depth);
  void scanLine(std::string_view line, const std::string& folder, int depth);
  void include(std::string pattern, const std::string& folder, int depth);
  void missed(const Error& error);
  bool changed() const;

  std::vector<Root> roots_;
  kj::Duration betweenLooks_;
  std::vector<Watched> watched_;
  ConfigKin kin_;
  bool again_ = false;  // descriptors ran out while they were read
  uint64_t generation_ = 0;
  kj::TimePoint nextLook_ = kj::origin<kj::TimePoint>();
};

}  // namespace cbs::identity
