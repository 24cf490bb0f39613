#include "agentd/rpc/access.h"

#include "agentd/core/patterns.h"
#include "agentd/telemetry/log.h"
#include "common/offload.h"

#include <grp.h>
#include <kj/debug.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace cbs::rpc {
namespace {

constexpr auto kPatience = 5 * kj::SECONDS;
constexpr size_t kLargestEntry = size_t{16} << 20;  // of a group, with all its members

std::string_view trimmed(std::string_view name) {
  auto first = name.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return name.substr(first, name.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> namesIn(std::string_view list) {
  std::vector<std::string> names;
  for (auto part : core::splitCommas(list)) {
    if (auto name = trimmed(part); !name.empty()) names.emplace_back(name);
  }
  return names;
}

// Blocks. Those that there are.
std::map<std::string, gid_t> numbersOf(const std::vector<std::string>& names) {
  std::map<std::string, gid_t> numbers;
  std::vector<char> buffer(4096);
  for (const auto& name : names) {
    group entry;
    group* found = nullptr;
    while (getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
           buffer.size() < kLargestEntry) {
      buffer.resize(buffer.size() * 2);
    }
    if (found != nullptr) numbers.emplace(name, found->gr_gid);
  }
  return numbers;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Access::Access(Loop loop)
    : loop_(loop), deadline_(loop.timer.now()), upToDate_(kj::Promise<void>(kj::READY_NOW).fork()) {}

void Access::setRules(const Config::Access& rules) {
  users_ = namesIn(rules.allowGroups);
  viewers_ = namesIn(rules.viewGroups);
  deadline_ = loop_.timer.now() + kPatience;
  outdated_ = isOpenToGroups();
  if (outdated_ && !looking_) upToDate_ = lookUp().promise().fork();
}

// Goes on until nothing new has been set meanwhile.
Task<void> Access::lookUp() {
  looking_ = true;
  KJ_DEFER(looking_ = false);
  while (outdated_) {
    outdated_ = false;
    Names names = users_;
    names.insert(names.end(), viewers_.begin(), viewers_.end());
    try {
      known_ = co_await offloadFor<Numbers>(loop_, [names]() { return numbersOf(names); });
    } catch (const kj::Exception& exception) {
      telemetry::log(telemetry::Category::CALLERS)
          .error("groups cannot be looked up", {{"detail", exception.getDescription().cStr()}});
      co_return;
    }
  }
  warnOfUnknown();
}

void Access::warnOfUnknown() const {
  for (const auto& [key, names] : {std::pair{"allow_groups", &users_}, std::pair{"view_groups", &viewers_}}) {
    for (const auto& name : *names) {
      if (!known_.contains(name))
        telemetry::log(telemetry::Category::CALLERS)
            .warn("there is no such group", {{"key", "access." + std::string(key)}, {"group", name}});
    }
  }
}

kj::Promise<void> Access::whenKnown() {
  if (!looking_) return kj::READY_NOW;
  return upToDate_.addBranch().exclusiveJoin(loop_.timer.atTime(deadline_));
}

bool Access::isMember(const Caller& caller, const Names& groups) const {
  return std::any_of(groups.begin(), groups.end(), [&](const auto& name) {
    auto group = known_.find(name);
    return group != known_.end() &&
           std::find(caller.groups.begin(), caller.groups.end(), group->second) != caller.groups.end();
  });
}

Role Access::roleOf(const Caller& caller) const {
  if (isTrusted(caller.user)) return Role::OWNER;
  if (isMember(caller, users_)) return Role::USER;
  return isMember(caller, viewers_) ? Role::VIEWER : Role::NOBODY;
}

std::string Access::groupsText(Role role) const { return joined(role == Role::VIEWER ? viewers_ : users_); }

Error Access::refusal() const {
  std::string words = "you may not use this daemon";
  if (!users_.empty()) words += "; its access.allow_groups is " + joined(users_);
  if (users_.empty() && !viewers_.empty()) words += "; its access.view_groups is " + joined(viewers_);
  return Error{ErrorKind::AGENT_UNREACHABLE, Reason::PEER_REFUSED, words}.with("refused", "caller");
}

}  // namespace cbs::rpc
