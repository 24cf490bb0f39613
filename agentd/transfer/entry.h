// What a tree consists of, as transfers see it (schema/transfer.capnp has the same on the wire).
#pragma once

#include "common/error.h"

#include <kj/array.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::transfer {

using Bytes = kj::Array<kj::byte>;

// A file of at most this many bytes is moved as a whole; 64 KiB is one message of what callers and daemon exchange.
constexpr uint64_t kSmallFile = 64 * 1024;

enum class Kind { FILE, DIRECTORY, LINK, OTHER };

struct Entry {
  std::string path;  // relative, its first name is the root's; "": a root of which only the contents were asked for
  Kind kind = Kind::FILE;
  uint64_t size = 0;
  uint32_t mode = 0;        // permission bits, 07777
  int64_t mtimeS = 0;       // seconds since 1970
  uint64_t id = 0;          // by which its source reads it
  std::string target = "";  // of a link
  std::string sameAs = "";  // the path of a file that was told before, of which this is another name; "": none

  bool operator==(const Entry&) const = default;
};

// What was asked for: how many files and folders, and the first of them.
struct Roots {
  unsigned count = 0;
  Entry first;
};

// Where the entry of that path is at the destination, if `place` is where everything goes: of a single root its own
// place, else the folder that takes all.
std::string placeOf(std::string_view path, const std::string& place, const Roots& roots);

struct PathError {
  std::string path;
  Error error;
};

struct SmallFile {
  Entry entry;
  Bytes bytes;
};

// A piece of a file.
struct Range {
  uint64_t offset = 0;
  uint64_t length = 0;
  bool operator==(const Range&) const = default;
};

// What holds for a whole transfer.
struct Options {
  bool recursive = false;
  bool followLinks = false;
  std::vector<std::string> exclude = {};  // patterns, see common/file_pattern.h
  bool preserve = false;                  // times, and all permission bits whatever the umask
  bool deleteExtras = false;
  bool dryRun = false;
  bool checksum = false;
  bool resume = false;
  bool verify = false;
  bool fsync = false;
  unsigned streams = 0;    // 0: as many as help
  bool tellAll = false;    // what is unchanged is told as well
  uint64_t limitRate = 0;  // bytes a second; 0: none

  bool operator==(const Options&) const = default;

  // Times of modification are kept: by trees, since they tell what is unchanged, or if asked for.
  bool keepsTimes() const { return recursive || preserve; }
};

}  // namespace cbs::transfer
