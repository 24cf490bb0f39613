#include "cli/transfer/transfer_places.h"

#include "cli/transfer/remote_path.h"
#include "common/entry_path.h"
#include "common/file_pattern.h"

#include <algorithm>

namespace cbs::cli {
namespace {

using Problem = tl::unexpected<std::string>;

constexpr const char* kColonHint = "; a local file with a colon in its name is ./NAME";

// Adds one SRC. What is wrong with it, or "".
std::string addSource(const std::string& word, TransferPlaces& places) {
  bool first = places.from.empty();
  std::string target;
  std::string path = word;
  if (auto remote = parseRemotePath(word)) {
    target = std::move(remote->target);
    path = std::move(remote->path);
  }
  auto called = [](const std::string& name) { return name.empty() ? std::string("this machine") : name; };
  if (!first && target != places.fromTarget) {
    return "all SRC must be in one place, not on " + called(places.fromTarget) + " and on " + called(target);
  }
  places.fromTarget = std::move(target);
  places.from.push_back(std::move(path));
  return "";
}

std::string checkDirection(const TransferPlaces& places, const std::vector<std::string>& words, Direction direction) {
  bool fromHost = !places.fromTarget.empty();
  bool toHost = !places.toTarget.empty();
  if (direction == Direction::upload) {
    if (fromHost) return words.front() + " is on a host" + kColonHint + ". From host to host goes cbsession copy";
    if (!toHost) return "'" + words.back() + "' is not TARGET:DEST";
  } else if (direction == Direction::download) {
    if (!fromHost) return "'" + words.front() + "' is not TARGET:SRC";
    if (toHost) return "DEST must be local: " + words.back() + kColonHint + ". From host to host goes cbsession copy";
  } else if (!fromHost && !toHost) {
    return "neither SRC nor DEST is on a host (TARGET:PATH); for files of this machine there is cp";
  }
  return "";
}

}  // namespace

bool TransferPlaces::singleRoot() const {
  if (from.size() != 1) return false;
  return fromTarget.empty() || !isPattern(from[0]);
}

bool TransferPlaces::contentsOnly() const {
  return std::any_of(from.begin(), from.end(), [](const std::string& path) {
    auto name = nameOf(path);
    return name.empty() || name == "." || name == "..";
  });
}

tl::expected<TransferPlaces, std::string> readPlaces(const std::vector<std::string>& words, Direction direction) {
  if (words.size() < 2) return Problem("a destination is missing");
  if (std::find(words.begin(), words.end(), "") != words.end()) return Problem("a path is empty");
  TransferPlaces places;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (auto problem = addSource(words[i], places); !problem.empty()) return Problem(problem);
  }
  places.to = words.back();
  if (auto remote = parseRemotePath(words.back())) {
    places.toTarget = std::move(remote->target);
    places.to = std::move(remote->path);
  }
  if (auto problem = checkDirection(places, words, direction); !problem.empty()) return Problem(problem);
  return places;
}

tl::expected<TransferPlaces, std::string> readPlacesWithoutTarget(const std::vector<std::string>& words) {
  if (words.size() >= 2 && words.back().substr(0, 1) != ":") {
    return Problem("'" + words.back() + "' is not :DEST, whose hosts are those of --hosts-file");
  }
  constexpr const char* kAny = "hosts";
  auto complete = words;
  if (!complete.empty()) complete.back() = kAny + complete.back();
  auto places = readPlaces(complete, Direction::upload);
  if (places) places->toTarget.clear();
  return places;
}

std::string placeName(std::string_view target, std::string_view path) {
  if (target.empty()) return std::string(path);
  // As parseRemotePath wants it: brackets around a target with colons, but for an address that has its own.
  bool colon = target.find(':') != target.npos;
  bool bracketed = target.back() == ']' && (target.front() == '[' || target.find("@[") != target.npos);
  std::string name(target);
  if (colon && !bracketed) name = "[" + name + "]";
  return name + ":" + std::string(path);
}

}  // namespace cbs::cli
