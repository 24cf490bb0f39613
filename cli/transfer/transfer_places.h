// Where a transfer goes from, and where to, as the command line says it.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace cbs::cli {

enum class Direction { upload, download, copy };

struct TransferPlaces {
  std::string fromTarget = "";  // "": this machine
  std::vector<std::string> from = {};
  std::string toTarget = "";  // "": this machine
  std::string to = "";

  // Whose fault a failure is most likely; of two hosts the one that is read from.
  const std::string& subject() const { return fromTarget.empty() ? toTarget : fromTarget; }
  // Whether it can be said before the end that only one file or folder was asked for.
  bool singleRoot() const;
  // Whether the contents of a folder were asked for, rather than the folder.
  bool contentsOnly() const;

  bool operator==(const TransferPlaces&) const = default;
};

// Reads SRC… DEST. The error is a sentence about what is wrong with them.
tl::expected<TransferPlaces, std::string> readPlaces(const std::vector<std::string>& words, Direction direction);

// The same for an upload whose targets are said elsewhere: DEST is `:PATH`.
tl::expected<TransferPlaces, std::string> readPlacesWithoutTarget(const std::vector<std::string>& words);

// `web1:/srv`, `[web1:2222]:/srv`, or the path alone for this machine.
std::string placeName(std::string_view target, std::string_view path);

}  // namespace cbs::cli
