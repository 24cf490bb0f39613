// What waits to run, and whose turn it is.
//
// A higher priority goes first, but one that was passed over seven times in a row, though something of it could run,
// goes next. Within a priority callers take turns, within a caller hosts, and there it is first come, first served. A
// caller and a host have limits on how many run at once; what is at a limit is passed over, and nothing else is.
//
// All calls take logarithmic time, amortised; what waits at a full host is not looked at before the host has a place.
#pragma once

#include "schema/types.capnp.h"

#include <kj/list.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace cbs::core {

// How many run at once. 0: as many as there are.
struct ShareLimits {
  uint32_t perHost = 0;
  uint32_t perCaller = 0;
  bool operator==(const ShareLimits&) const = default;
};

class Schedule {
  struct Caller;
  struct Host;
  struct Line;

 public:
  // What one that runs takes: a place at its host, and one of its caller's.
  class Slot {
    friend Schedule;
    Slot(Caller& caller, Host& host) : caller_(&caller), host_(&host) {}
    Caller* caller_;
    Host* host_;
  };

  // One that waits, once it was pushed. To be removed or taken before its end.
  class Item {
   public:
    Item() = default;
    KJ_DISALLOW_COPY(Item);

    bool waits() const { return line_ != nullptr; }

   private:
    friend Schedule;
    Line* line_ = nullptr;
    kj::ListLink<Item> link_;
  };

  struct Turn {
    Item& item;
    Slot slot;
  };

  explicit Schedule(ShareLimits limits = {}) : limits_(limits) {}
  KJ_DISALLOW_COPY(Schedule);

  void push(Item& item, schema::Priority priority, const std::string& caller, const std::string& host);
  // Takes out one that waits.
  void remove(Item& item);

  size_t waiting() const;
  // Whether one that waits could run.
  bool runnable();
  // Takes out the next; one must be runnable. Its slot is to be given back when it has run.
  Turn next();
  void finished(Slot slot);
  // A slot for one that runs already, whatever the limits.
  Slot occupy(const std::string& caller, const std::string& host);

  // For what comes. Those that run go on.
  void setLimits(ShareLimits limits);

  // Callers and hosts of which anything is remembered: those of which something waits or runs.
  size_t known() const { return callers_.size() + hosts_.size(); }

 private:
  static constexpr unsigned kLevels = 3;        // the highest first
  using Place = std::pair<unsigned, uint64_t>;  // a level, and a turn in it

  struct Caller {
    const std::string* name = nullptr;
    uint32_t running = 0;
    std::array<uint32_t, kLevels> lines = {};
    std::array<uint64_t, kLevels> turns = {};  // of each level in which it has lines
    std::map<Place, Line*> open;
    std::set<Line*> offered;
  };

  struct Host {
    const std::string* name = nullptr;
    uint32_t running = 0;
    uint32_t lines = 0;
    std::map<Place, Line*> parked;  // by the turn that the caller had
  };

  // What waits in one level, of one caller's, for one host. It is never empty.
  //
  // A line is open: then its caller's turn finds it. Or it is parked at its host, as a turn has found it while no place
  // was free there. A place that becomes free is offered, in each level, to the line that comes first among the parked,
  // by opening it. If its caller has no room, the offer goes on to the next, so that for each free place there is an
  // open line that can take it, as long as any is parked.
  struct Line {
    Line(unsigned level, Caller& caller, Host& host, uint64_t turn)
        : level(level), caller(caller), host(host), turn(turn) {}
    const unsigned level;
    Caller& caller;
    Host& host;
    uint64_t turn;  // among its caller's
    kj::List<Item, &Item::link_> items;
    std::optional<Place> parkedAt;
  };

  struct Level {
    std::map<uint64_t, Caller*> callers;  // by their turns: those with room, and with a line that is open
    size_t waiting = 0;
    unsigned passedOver = 0;
  };

  Caller& callerOf(const std::string& name);
  Host& hostOf(const std::string& name);
  Line& lineFor(unsigned level, Caller& caller, Host& host);
  void open(Line& line);
  void close(Line& line);
  void park(Line& line);
  bool openParked(Host& host, unsigned level);
  void offer(Host& host, unsigned level);
  void passOffersOn(Caller& caller);
  void enlist(Caller& caller, unsigned level);
  Line* headOf(unsigned level);
  Line& choose();
  void takeTurn(Line& line);
  void leave(Item& item);
  void dropEmpty(Line& line);
  void forgetIdle(Caller& caller);
  void forgetIdle(Host& host);
  bool hasRoom(const Caller& caller) const;
  bool hasRoom(const Host& host) const;

  ShareLimits limits_;
  uint64_t clock_ = 0;  // of turns
  std::array<Level, kLevels> levels_;
  std::unordered_map<std::string, Caller> callers_;
  std::unordered_map<std::string, Host> hosts_;
  std::map<std::tuple<unsigned, Caller*, Host*>, Line> lines_;
};

}  // namespace cbs::core
