#include "agentd/core/schedule.h"

#include <kj/debug.h>

namespace cbs::core {
namespace {

// One turn in eight is that of a lower level.
constexpr unsigned kMostPassedOver = 7;

unsigned levelOf(schema::Priority priority) {
  if (priority == schema::Priority::HIGH) return 0;
  return priority == schema::Priority::LOW ? 2 : 1;
}

// Of those in a level, the one whose turn comes first.
template <typename Map>
auto firstIn(Map& map, unsigned level) {
  auto first = map.lower_bound({level, 0});
  return first != map.end() && first->first.first == level ? first : map.end();
}

}  // namespace

Schedule::Caller& Schedule::callerOf(const std::string& name) {
  auto [entry, isNew] = callers_.try_emplace(name);
  if (isNew) entry->second.name = &entry->first;
  return entry->second;
}

Schedule::Host& Schedule::hostOf(const std::string& name) {
  auto [entry, isNew] = hosts_.try_emplace(name);
  if (isNew) entry->second.name = &entry->first;
  return entry->second;
}

void Schedule::push(Item& item, schema::Priority priority, const std::string& caller, const std::string& host) {
  unsigned level = levelOf(priority);
  Line& line = lineFor(level, callerOf(caller), hostOf(host));
  line.items.add(item);
  item.line_ = &line;
  ++levels_[level].waiting;
}

void Schedule::remove(Item& item) {
  Line& line = *item.line_;
  leave(item);
  if (line.items.empty()) dropEmpty(line);
}

size_t Schedule::waiting() const { return levels_[0].waiting + levels_[1].waiting + levels_[2].waiting; }

bool Schedule::runnable() { return headOf(0) != nullptr || headOf(1) != nullptr || headOf(2) != nullptr; }

Schedule::Turn Schedule::next() {
  Line& line = choose();
  Item& item = line.items.front();
  Slot slot(line.caller, line.host);
  ++line.caller.running;
  ++line.host.running;
  leave(item);
  takeTurn(line);
  if (!hasRoom(*slot.caller_)) passOffersOn(*slot.caller_);
  return {item, slot};
}

Schedule::Slot Schedule::occupy(const std::string& caller, const std::string& host) {
  Slot slot(callerOf(caller), hostOf(host));
  ++slot.caller_->running;
  ++slot.host_->running;
  if (!hasRoom(*slot.caller_)) passOffersOn(*slot.caller_);
  return slot;
}

void Schedule::finished(Slot slot) {
  --slot.caller_->running;
  --slot.host_->running;
  for (unsigned level = 0; level < kLevels; ++level) {
    enlist(*slot.caller_, level);
    if (hasRoom(*slot.host_)) offer(*slot.host_, level);
  }
  forgetIdle(*slot.caller_);
  forgetIdle(*slot.host_);
}

void Schedule::setLimits(ShareLimits limits) {
  if (limits == limits_) return;
  limits_ = limits;
  for (auto& [name, host] : hosts_) {
    for (unsigned level = 0; level < kLevels; ++level) {
      while (openParked(host, level)) continue;
    }
  }
  for (auto& [name, caller] : callers_) {
    caller.offered.clear();
    for (unsigned level = 0; level < kLevels; ++level) enlist(caller, level);
  }
}

Schedule::Line& Schedule::lineFor(unsigned level, Caller& caller, Host& host) {
  auto [entry, isNew] = lines_.try_emplace({level, &caller, &host}, level, caller, host, clock_ + 1);
  Line& line = entry->second;
  if (!isNew) return line;
  ++clock_;
  if (caller.lines[level]++ == 0) caller.turns[level] = ++clock_;
  ++host.lines;
  open(line);
  return line;
}

void Schedule::open(Line& line) {
  line.caller.open.emplace(Place{line.level, line.turn}, &line);
  enlist(line.caller, line.level);
}

void Schedule::close(Line& line) {
  line.caller.open.erase({line.level, line.turn});
  line.caller.offered.erase(&line);
  enlist(line.caller, line.level);
}

void Schedule::park(Line& line) {
  line.parkedAt = {line.level, line.caller.turns[line.level]};
  line.host.parked.emplace(*line.parkedAt, &line);
}

// Opens the line that is first among those parked at the host. False if there is none.
bool Schedule::openParked(Host& host, unsigned level) {
  auto first = firstIn(host.parked, level);
  if (first == host.parked.end()) return false;
  Line& line = *first->second;
  host.parked.erase(first);
  line.parkedAt.reset();
  open(line);
  return true;
}

// Offers a place at a host to one that is parked there.
void Schedule::offer(Host& host, unsigned level) {
  for (;;) {
    auto first = firstIn(host.parked, level);
    if (first == host.parked.end()) return;
    Line& line = *first->second;
    openParked(host, level);
    if (!hasRoom(line.caller)) continue;  // it is found when its caller has room
    line.caller.offered.insert(&line);
    return;
  }
}

// Of a caller that has no room any more.
void Schedule::passOffersOn(Caller& caller) {
  for (unsigned level = 0; level < kLevels; ++level) enlist(caller, level);
  for (Line* line : std::exchange(caller.offered, {})) {
    if (hasRoom(line->host)) offer(line->host, line->level);
  }
}

// Puts a caller among those that can have a turn, or takes it out, whichever is right.
void Schedule::enlist(Caller& caller, unsigned level) {
  auto& callers = levels_[level].callers;
  bool able = hasRoom(caller) && firstIn(caller.open, level) != caller.open.end();
  if (able) {
    callers.emplace(caller.turns[level], &caller);
  } else {
    callers.erase(caller.turns[level]);
  }
}

// The line whose turn it is in a level, if one of it can run.
Schedule::Line* Schedule::headOf(unsigned level) {
  auto& callers = levels_[level].callers;
  while (!callers.empty()) {
    Caller& caller = *callers.begin()->second;
    Line& line = *firstIn(caller.open, level)->second;
    if (hasRoom(line.host)) return &line;
    close(line);
    park(line);
  }
  return nullptr;
}

Schedule::Line& Schedule::choose() {
  Line* chosen = nullptr;
  bool overdue = false;
  for (unsigned level = kLevels; level-- > 0;) {
    Line* head = headOf(level);
    if (head == nullptr) continue;
    bool late = levels_[level].passedOver++ >= kMostPassedOver;
    if (!overdue) chosen = head;
    overdue |= late;
  }
  KJ_ASSERT(chosen != nullptr, "nothing can run");
  levels_[chosen->level].passedOver = 0;
  return *chosen;
}

// Makes it the last of its caller's lines, and its caller the last of its level.
void Schedule::takeTurn(Line& line) {
  close(line);
  Caller& caller = line.caller;
  levels_[line.level].callers.erase(caller.turns[line.level]);
  caller.turns[line.level] = ++clock_;
  line.turn = ++clock_;
  enlist(caller, line.level);
  line.items.empty() ? dropEmpty(line) : open(line);
}

void Schedule::leave(Item& item) {
  Line& line = *item.line_;
  line.items.remove(item);
  item.line_ = nullptr;
  Level& level = levels_[line.level];
  if (--level.waiting == 0) level.passedOver = 0;
}

void Schedule::dropEmpty(Line& line) {
  Caller& caller = line.caller;
  Host& host = line.host;
  unsigned level = line.level;
  bool wasOffered = caller.offered.contains(&line);
  if (line.parkedAt) {
    host.parked.erase(*line.parkedAt);
  } else {
    close(line);
  }
  lines_.erase({level, &caller, &host});
  --caller.lines[level];
  --host.lines;
  if (wasOffered && hasRoom(host)) offer(host, level);
  forgetIdle(caller);
  forgetIdle(host);
}

void Schedule::forgetIdle(Caller& caller) {
  bool waits = caller.lines != std::array<uint32_t, kLevels>{};
  if (!waits && caller.running == 0) callers_.erase(callers_.find(*caller.name));
}

void Schedule::forgetIdle(Host& host) {
  if (host.lines == 0 && host.running == 0) hosts_.erase(hosts_.find(*host.name));
}

bool Schedule::hasRoom(const Caller& caller) const {
  return limits_.perCaller == 0 || caller.running < limits_.perCaller;
}

bool Schedule::hasRoom(const Host& host) const { return limits_.perHost == 0 || host.running < limits_.perHost; }

}  // namespace cbs::core
