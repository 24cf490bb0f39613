#include "agentd/transfer/remote_glob.h"

#include "agentd/transfer/folder_reader.h"
#include "agentd/transfer/remote_entry.h"
#include "agentd/transfer/remote_errors.h"
#include "agentd/transfer/remote_path.h"
#include "agentd/transfer/side_by_side.h"
#include "common/entry_path.h"
#include "common/wildcard.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace cbs::transfer {
namespace {

constexpr size_t kFoldersAtOnce = 16;
constexpr unsigned kReadsPerFolder = 4;
constexpr size_t kLooksAtOnce = 64;
constexpr size_t kMostMatches = 100'000;

using Matches = std::vector<RemoteMatch>;

std::vector<std::string> partsOf(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

// Whether a name has to be looked for, as there are characters in it that stand for others.
bool standsForOthers(std::string_view part) {
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '\\') {
      ++i;
    } else if (std::string_view("*?[").find(part[i]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::string unescaped(std::string_view part) {
  std::string name;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '\\' && i + 1 < part.size()) ++i;
    name += part[i];
  }
  return name;
}

bool maybeFolder(const RemoteMatch& match) {
  return match.attributes.isDirectory() || match.attributes.isLink() || !hasType(match.attributes);
}

Error tooMany(const std::string& path) {
  return remoteError(Reason::REMOTE_IO, path, "a pattern matches more than " + std::to_string(kMostMatches) + " names");
}

// Goes through a pattern name by name.
class Expansion {
 public:
  Expansion(ssh::Sftp& sftp, Closing& closing, std::string pattern)
      : sftp_(sftp), closing_(closing), pattern_(pattern) {}

  Task<Expected<Matches>> run() {
    found_ = {{pattern_.front() == '/' ? "/" : "", {}}};
    const auto parts = partsOf(pattern_);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (standsForOthers(parts[i])) {
        co_await lookFor(parts[i]);
      } else {
        append(unescaped(parts[i]));
      }
      if (i + 1 < parts.size() || pattern_.back() == '/') keepFolders();
      if (matched_ > kMostMatches) co_return fail(tooMany(pattern_));
      if (failure_ && endsAll(*failure_)) co_return fail(*failure_);
    }
    co_await examine();
    if (failure_ && (endsAll(*failure_) || found_.empty())) co_return fail(*failure_);
    if (found_.empty()) co_return fail(remoteError(Reason::NOT_FOUND, pattern_, "matches nothing"));
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    co_return kj::mv(found_);
  }

 private:
  void append(const std::string& name) {
    for (auto& match : found_) match = {joinPath(match.path, name), {}};
  }

  void keepFolders() {
    std::erase_if(found_, [](const RemoteMatch& match) { return !maybeFolder(match); });
  }

  Task<void> lookFor(std::string part) {
    auto folders = std::exchange(found_, {});
    matched_ = 0;
    const Wildcard wildcard(part);
    const bool hidden = part.starts_with('.') || part.starts_with("\\.");
    auto results = co_await sideBySide<Expected<Matches>>(
        folders.size(), kFoldersAtOnce, [&](size_t i) { return matchesIn(folders[i].path, wildcard, hidden); });
    for (auto& result : results) {
      if (!result) {
        note(result.error());
      } else {
        std::move(result->begin(), result->end(), std::back_inserter(found_));
      }
    }
  }

  // `hidden`: also names that begin with a dot.
  Task<Expected<Matches>> matchesIn(std::string folder, const Wildcard& wildcard, bool hidden) {
    FolderReader reader(sftp_, closing_, folder.empty() ? "." : folder);
    Matches matches;
    while (matched_ <= kMostMatches) {
      auto names = co_await reader.next(kReadsPerFolder);
      if (!names) co_return fail(kj::mv(names.error()));
      if (!*names) co_return matches;
      for (auto& name : **names) {
        if (!isEntryName(name.name) || (!hidden && name.name.front() == '.') || !wildcard.matches(name.name)) continue;
        ++matched_;
        matches.push_back({joinPath(folder, name.name), name.attributes});
      }
    }
    co_return matches;
  }

  // Names that were only written down may be missing, and a server need not have told what the others are.
  Task<void> examine() {
    auto candidates = std::exchange(found_, {});
    auto results = co_await sideBySide<Expected<ssh::SftpAttributes>>(
        candidates.size(), kLooksAtOnce, [&](size_t i) { return attributesOf(candidates[i]); });
    for (size_t i = 0; i < results.size(); ++i) {
      if (!results[i]) {
        note(results[i].error());
      } else {
        found_.push_back({kj::mv(candidates[i].path), *results[i]});
      }
    }
    if (pattern_.back() == '/') keepFolders();
  }

  Task<Expected<ssh::SftpAttributes>> attributesOf(RemoteMatch match) {
    if (hasType(match.attributes)) co_return match.attributes;
    co_return co_await sftp_.linkStat(match.path);
  }

  // What is missing, or no folder, does not match. All else may have hidden matches.
  void note(const Error& error) {
    if (error.reason == Reason::NOT_FOUND) return;
    if (!failure_ || endsAll(error)) failure_ = error;
  }

  ssh::Sftp& sftp_;
  Closing& closing_;
  std::string pattern_;
  Matches found_;
  size_t matched_ = 0;  // of the part that is looked for, in all folders
  std::optional<Error> failure_;
};

}  // namespace

Task<Expected<std::vector<RemoteMatch>>> findRemote(ssh::Sftp& sftp, Closing& closing, std::string path) {
  const std::string pattern = fromHome(kj::mv(path));
  const std::string literal = withoutSlashes(pattern);
  auto attributes = co_await sftp.linkStat(literal);
  if (attributes) co_return Matches{{literal, *attributes}};
  bool mayMatch = pattern.find_first_of("*?[\\") != std::string::npos;
  if (!mayMatch || attributes.error().reason != Reason::NOT_FOUND) co_return fail(kj::mv(attributes.error()));
  Expansion expansion(sftp, closing, pattern);
  co_return co_await expansion.run();
}

}  // namespace cbs::transfer
