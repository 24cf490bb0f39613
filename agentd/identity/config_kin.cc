#include "agentd/identity/config_kin.h"

#include "agentd/core/patterns.h"

#include <strings.h>

#include <algorithm>

namespace cbs::identity {
namespace {

bool is(const std::string& word, const char* keyword) { return strcasecmp(word.c_str(), keyword) == 0; }

}  // namespace

void ConfigKin::read(const std::vector<std::string>& words) {
  if (words.size() < 2) return;
  if (is(words[0], "host")) {
    for (size_t i = 1; i < words.size(); ++i) add(words[i]);
  } else if (is(words[0], "match")) {
    readMatch(words);
  } else if (is(words[0], "hostname")) {
    canTell_ &= words[1].find('%') == std::string::npos;
  } else if (is(words[0], "canonicalizehostname")) {
    canTell_ &= is(words[1], "no");
  }
}

// The user is the same for hosts that are asked for as one.
void ConfigKin::readMatch(const std::vector<std::string>& words) {
  for (size_t i = 1; i < words.size(); ++i) {
    std::string criterion = words[i].substr(words[i].starts_with('!') ? 1 : 0);
    if (is(criterion, "all")) continue;
    bool byHost = is(criterion, "host") || is(criterion, "originalhost");
    bool byUser = is(criterion, "user") || is(criterion, "localuser");
    ++i;
    if (byHost && i < words.size()) add(words[i]);
    canTell_ &= byHost || byUser;
  }
}

void ConfigKin::add(std::string_view patterns) {
  for (auto pattern : core::splitCommas(patterns)) patterns_.emplace(pattern.substr(pattern.starts_with('!') ? 1 : 0));
}

// ssh puts the name into lower case, which patterns may not expect.
std::optional<std::string> ConfigKin::of(std::string_view host) const {
  bool lower = std::none_of(host.begin(), host.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!canTell_ || !lower) return std::nullopt;
  std::string kin;
  for (const auto& pattern : patterns_) kin += core::matchesPattern(host, pattern) ? '1' : '0';
  return kin;
}

}  // namespace cbs::identity
