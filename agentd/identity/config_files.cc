#include "agentd/identity/config_files.h"

#include "agentd/identity/path_tokens.h"
#include "agentd/identity/words.h"
#include "common/descriptors.h"
#include "common/read_file.h"

#include <glob.h>
#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

namespace cbs::identity {
namespace {

constexpr int kMaxDepth = 16;  // as ssh has it (READCONF_MAX_DEPTH)
constexpr size_t kMaxWatched = 1000;
constexpr size_t kMaxFileBytes = 1 << 20;

Expected<std::vector<std::string>> matchesOf(const std::string& pattern) {
  glob_t found = {};
  int failure = glob(pattern.c_str(), GLOB_ERR, nullptr, &found);
  bool shortage = failure != 0 && isShortage(errno);
  std::vector<std::string> paths;
  if (failure == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (failure == 0) return paths;
  if (failure == GLOB_NOMATCH) return fail(ErrorKind::INTERNAL, Reason::NOT_FOUND, pattern);
  return fail(shortage ? ErrorKind::OVERLOADED : ErrorKind::INTERNAL, Reason::UNSPECIFIED,
              "cannot look for " + pattern);
}

}  // namespace

uint64_t ConfigFiles::generation(kj::TimePoint now) {
  if (generation_ > 0 && now < nextLook_) return generation_;
  nextLook_ = now + betweenLooks_;
  if (generation_ == 0 || changed()) {
    scan();
    ++generation_;
  }
  return generation_;
}

bool ConfigFiles::changed() const {
  return again_ || std::any_of(watched_.begin(), watched_.end(),
                               [](const Watched& file) { return stampOf(file.path) != file.stamp; });
}

void ConfigFiles::scan() {
  watched_.clear();
  kin_ = {};
  again_ = false;
  for (const auto& root : roots_) scanFile(root.file, root.folder, 0);
}

void ConfigFiles::scanFile(const std::string& path, const std::string& folder, int depth) {
  if (depth > kMaxDepth || watched_.size() >= kMaxWatched) return kin_.giveUp();
  // The stamp is taken first: a change while the file is read shows at the next look.
  watched_.push_back({path, stampOf(path)});
  auto text = readFile(path, kMaxFileBytes);
  if (!text) return missed(text.error());
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) scanLine(line, folder, depth);
}

void ConfigFiles::missed(const Error& error) {
  if (error.reason == Reason::NOT_FOUND) return;
  kin_.giveUp();
  if (error.kind == ErrorKind::OVERLOADED) again_ = true;
}

void ConfigFiles::scanLine(std::string_view line, const std::string& folder, int depth) {
  auto words = splitWords(line);
  kin_.read(words);
  if (words.size() < 2 || strcasecmp(words[0].c_str(), "include") != 0) return;
  for (size_t i = 1; i < words.size(); ++i) include(words[i], folder, depth);
}

void ConfigFiles::include(std::string pattern, const std::string& folder, int depth) {
  pattern = expandTilde(pattern);
  if (!pattern.starts_with('/')) pattern = folder + "/" + pattern;
  auto parent = pattern.substr(0, std::max<size_t>(1, pattern.rfind('/')));
  watched_.push_back({parent, stampOf(parent)});
  auto paths = matchesOf(pattern);
  if (!paths) return missed(paths.error());
  for (const auto& path : *paths) scanFile(path, folder, depth + 1);
}

}  // namespace cbs::identity
