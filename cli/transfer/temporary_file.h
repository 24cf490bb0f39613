// A file that is being written, under a temporary name in its folder.
#pragma once

#include "cli/transfer/local_entry.h"
#include "cli/transfer/open_file.h"

#include <kj/io.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbs::cli {

// What holds for all that is written.
struct WriteRules {
  bool preserve = false;    // all permission bits
  bool keepsTimes = false;  // of modification
  bool fsync = false;
  mode_t umask = 022;

  // Of something new.
  mode_t modeOf(const LocalEntry& entry) const { return preserve ? entry.mode & 07777 : entry.mode & 0777 & ~umask; }
};

mode_t currentUmask();

// The time of modification, with that of access left as it is: for utimensat(2).
struct FileTimes {
  explicit FileTimes(int64_t mtimeS) : values{{0, UTIME_OMIT}, {static_cast<time_t>(mtimeS), 0}} {}
  timespec values[2];
};

class TemporaryFile {
 public:
  // Makes one for `name` in `folder`, which outlives it. Like one that was found it is in use for as long as it is open
  // anywhere. None: see errno.
  static std::optional<TemporaryFile> make(int folder, const std::string& name);
  // The largest one of `candidates` that an earlier transfer of `name` has left and nobody writes to. None: there is
  // none.
  static std::optional<TemporaryFile> find(int folder, const std::vector<std::string>& candidates,
                                           const std::string& name);

  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() { remove(); }

  const SharedFile& file() const { return file_; }
  int fd() const { return *file_; }
  uint64_t size() const;

  bool write(capnp::Data::Reader bytes) const;
  // Gives it mode and time, makes it durable if the rules say so, and puts it in the place of `name`. False: see errno,
  // and nothing has happened.
  bool publish(const std::string& name, const LocalEntry& entry, const WriteRules& rules);
  void remove();
  // Leaves it there; the result is its name.
  std::string keep() { return std::exchange(temporary_, ""); }
  bool pending() const { return !temporary_.empty(); }

 private:
  TemporaryFile(int folder, std::string temporary, int fd)
      : folder_(folder), temporary_(std::move(temporary)), file_(share(kj::AutoCloseFd(fd))) {}
  // Marks it as in use, for as long as it is open anywhere. False: somebody else has it.
  bool claim() const;
  static std::optional<TemporaryFile> goOn(int folder, const std::string& temporary);
  static std::optional<TemporaryFile> claimed(int folder, const std::string& temporary, int fd);

  int folder_;
  std::string temporary_;  // "" once there is none
  SharedFile file_;
};

// What is left in folders of files that were being written. A folder is read once for all its files that come in turn.
class LeftParts {
 public:
  // The names in `folder`, whose path is `path`. Good until the next call.
  const std::vector<std::string>& in(int folder, const std::string& path);

 private:
  std::string path_;
  std::vector<std::string> names_;
};

}  // namespace cbs::cli
