// What must hold for a schedule whatever happens, against a model that looks at everything.
#include "agentd/core/schedule.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace cbs::core {
namespace {

using schema::Priority;

struct Waiting : Schedule::Item {
  Priority priority = Priority::NORMAL;
  std::string caller;
  std::string host;
  // How many turns may pass before its own, of its priority and of its caller in it; nothing: more than can be told.
  std::optional<size_t> turnsOfPriority = {};
  std::optional<size_t> turnsOfCaller = {};
};

struct Running {
  std::string caller;
  std::string host;
  Schedule::Slot slot;
};

struct Variety {
  unsigned callers;
  unsigned hosts;
  ShareLimits limits;
  bool limitsChange = false;
};

class Walk {
 public:
  Walk(unsigned seed, Variety variety) : random_(seed), variety_(variety), schedule_(variety.limits) {}

  void run() {
    for (int step = 0; step < 1500; ++step) act();
    while (!waiting_.empty() || !running_.empty()) {
      if (!startOne()) finishOne();
    }
    CHECK(started_ + removed_ == pushed_);
    CHECK(schedule_.waiting() == 0);
    CHECK(schedule_.known() == 0);
  }

 private:
  void act() {
    switch (random_() % 10) {
      case 0:
      case 1:
      case 2:
      case 3:
        return push();
      case 4:
        return removeOne();
      case 5:
        return changeLimits();
      case 6:
      case 7:
        return finishOne();
      default:
        startOne();
    }
  }

  void push() {
    Waiting& item = waiting_.emplace_back();
    item.priority = static_cast<Priority>(random_() % 3);
    item.caller = "c" + std::to_string(random_() % variety_.callers);
    item.host = "h" + std::to_string(random_() % variety_.hosts);
    promiseTurns(item);
    schedule_.push(item, item.priority, item.caller, item.host);
    ++pushed_;
    check();
  }

  // The first of a caller comes after at most one of each other caller, and the first for a host after at most one for
  // each other host; as far as limits do not interfere, or are the same for all.
  void promiseTurns(Waiting& item) const {
    bool alike = variety_.limits == ShareLimits{} || (variety_.hosts == 1 && variety_.limits.perCaller == 0);
    if (!alike || variety_.limitsChange) return;
    std::set<std::string> callers;
    std::set<std::string> hosts;
    for (const Waiting& other : waiting_) {
      if (&other == &item || other.priority != item.priority) continue;
      callers.insert(other.caller);
      if (other.caller == item.caller) hosts.insert(other.host);
    }
    if (!callers.contains(item.caller)) item.turnsOfPriority = callers.size();
    if (!hosts.contains(item.host)) item.turnsOfCaller = hosts.size();
  }

  void removeOne() {
    if (waiting_.empty()) return;
    auto item = waiting_.begin();
    std::advance(item, random_() % waiting_.size());
    schedule_.remove(*item);
    waiting_.erase(item);
    ++removed_;
    check();
  }

  void finishOne() {
    if (running_.empty()) return;
    auto ended = running_.begin() + static_cast<std::ptrdiff_t>(random_() % running_.size());
    schedule_.finished(ended->slot);
    running_.erase(ended);
    check();
  }

  void changeLimits() {
    if (!variety_.limitsChange) return;
    auto upToThree = [this]() { return static_cast<uint32_t>(random_() % 4); };
    variety_.limits = {.perHost = upToThree(), .perCaller = upToThree()};
    schedule_.setLimits(variety_.limits);
    check();
  }

  bool startOne() {
    if (!schedule_.runnable()) return false;
    Priority due = duePriority();
    auto turn = schedule_.next();
    auto item = std::find_if(waiting_.begin(), waiting_.end(), [&](auto& each) { return &each == &turn.item; });
    REQUIRE(item != waiting_.end());
    REQUIRE(couldRun(*item));
    REQUIRE(item->priority == due);
    REQUIRE(std::none_of(waiting_.begin(), item, [&](auto& earlier) { return sameLine(earlier, *item); }));
    countTurns(*item);
    running_.push_back({item->caller, item->host, turn.slot});
    waiting_.erase(item);
    ++started_;
    check();
    return true;
  }

  // Whose turn it is: the highest's of which something could run, or the lowest's that was passed over seven times.
  Priority duePriority() {
    constexpr std::array kUpwards = {Priority::LOW, Priority::NORMAL, Priority::HIGH};
    Priority due = Priority::LOW;
    bool overdue = false;
    for (Priority priority : kUpwards) {
      bool could = std::any_of(waiting_.begin(), waiting_.end(),
                               [&](auto& item) { return item.priority == priority && couldRun(item); });
      if (!could) continue;
      bool late = passedOver_[priority]++ >= 7;
      if (!overdue) due = priority;
      overdue |= late;
    }
    passedOver_[due] = 0;
    return due;
  }

  static bool sameLine(const Waiting& a, const Waiting& b) {
    return a.priority == b.priority && a.caller == b.caller && a.host == b.host;
  }

  void countTurns(const Waiting& started) {
    for (Waiting& item : waiting_) {
      if (&item == &started || item.priority != started.priority) continue;
      if (item.turnsOfPriority) REQUIRE((*item.turnsOfPriority)-- > 0);
      if (item.turnsOfCaller && item.caller == started.caller) REQUIRE((*item.turnsOfCaller)-- > 0);
    }
  }

  bool couldRun(const Waiting& item) const {
    auto [perHost, perCaller] = variety_.limits;
    auto atHost = std::count_if(running_.begin(), running_.end(), [&](auto& each) { return each.host == item.host; });
    auto ofCaller =
        std::count_if(running_.begin(), running_.end(), [&](auto& each) { return each.caller == item.caller; });
    return (perHost == 0 || atHost < perHost) && (perCaller == 0 || ofCaller < perCaller);
  }

  void check() {
    for (Priority priority : {Priority::LOW, Priority::NORMAL, Priority::HIGH}) {
      bool waits = std::any_of(waiting_.begin(), waiting_.end(), [&](auto& item) { return item.priority == priority; });
      if (!waits) passedOver_[priority] = 0;
    }
    REQUIRE(schedule_.waiting() == waiting_.size());
    bool could = std::any_of(waiting_.begin(), waiting_.end(), [&](auto& item) { return couldRun(item); });
    if (random_() % 2 == 0) REQUIRE(schedule_.runnable() == could);
  }

  std::mt19937 random_;
  Variety variety_;
  Schedule schedule_;
  std::list<Waiting> waiting_;
  std::vector<Running> running_;
  std::map<Priority, unsigned> passedOver_;
  size_t pushed_ = 0;
  size_t removed_ = 0;
  size_t started_ = 0;
};

// The sanitizers make a walk several times as long, and look for other faults than those that it takes many to find.
#if __has_feature(address_sanitizer)
constexpr unsigned kShare = 5;
#else
constexpr unsigned kShare = 1;
#endif

void walk(unsigned seeds, Variety variety) {
  for (unsigned seed = 0; seed < seeds / kShare; ++seed) {
    INFO("seed " << seed);
    Walk(seed, variety).run();
  }
}

TEST_CASE("without limits no schedule loses anything, breaks its order, or lets a caller or host wait too long") {
  walk(20, {.callers = 5, .hosts = 4, .limits = {}});
  walk(5, {.callers = 30, .hosts = 30, .limits = {}});
}

TEST_CASE("at a host that is full no caller waits too long") {
  walk(20, {.callers = 10, .hosts = 1, .limits = {.perHost = 1}});
  walk(20, {.callers = 10, .hosts = 1, .limits = {.perHost = 4}});
}

TEST_CASE("with limits no schedule exceeds them, leaves a place free that something waits for, or breaks its order") {
  walk(10, {.callers = 5, .hosts = 4, .limits = {.perHost = 2}});
  walk(10, {.callers = 5, .hosts = 4, .limits = {.perCaller = 2}});
  walk(20, {.callers = 5, .hosts = 4, .limits = {.perHost = 1, .perCaller = 1}});
  walk(20, {.callers = 8, .hosts = 8, .limits = {.perHost = 2, .perCaller = 3}});
  walk(5, {.callers = 2, .hosts = 30, .limits = {.perHost = 1, .perCaller = 4}});
  walk(5, {.callers = 30, .hosts = 2, .limits = {.perHost = 4, .perCaller = 1}});
}

TEST_CASE("limits that change all the time do not confuse a schedule") {
  walk(20, {.callers = 5, .hosts = 4, .limits = {.perHost = 2, .perCaller = 2}, .limitsChange = true});
}

// However many wait, of however many callers, at one host that is full: each place that becomes free costs the same.
TEST_CASE("a hundred thousand that wait are run without looking at all of them each time") {
  for (bool oneCaller : {true, false}) {
    Schedule schedule({.perHost = 8});
    std::list<Waiting> items;
    for (int i = 0; i < 100'000; ++i) {
      schedule.push(items.emplace_back(), Priority::NORMAL, oneCaller ? "c" : "c" + std::to_string(i), "h");
    }
    std::list<Schedule::Slot> running;
    for (int started = 0; started < 100'000;) {
      while (schedule.runnable()) {
        running.push_back(schedule.next().slot);
        ++started;
      }
      schedule.finished(running.front());
      running.pop_front();
    }
    CHECK(schedule.waiting() == 0);
    for (auto slot : running) schedule.finished(slot);
    CHECK(schedule.known() == 0);
  }
}

}  // namespace
}  // namespace cbs::core
