// The fan-outs that are under way.
#pragma once

#include <cstdint>
#include <set>

namespace cbs::rpc {

class FanOuts {
 public:
  // One of them.
  class Member {
   public:
    // It is to begin on no other host.
    virtual void drain() = 0;
    // Hosts on which it has not begun, but will.
    virtual uint32_t waiting() const = 0;

   protected:
    ~Member() = default;
  };

  // A fan-out is under way as long as this exists.
  class Entry {
   public:
    Entry(FanOuts& fanOuts, Member& member) : fanOuts_(fanOuts), member_(member) { fanOuts_.members_.insert(&member); }
    ~Entry() { fanOuts_.members_.erase(&member_); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    FanOuts& fanOuts_;
    Member& member_;
  };

  struct Figures {
    uint32_t underWay = 0;
    uint64_t hostsWaiting = 0;
    uint64_t hostsEnded = 0;  // so far, those on which it never began among them
  };
  Figures figures() const {
    Figures figures{.underWay = static_cast<uint32_t>(members_.size()), .hostsEnded = hostsEnded_};
    for (const auto* member : members_) figures.hostsWaiting += member->waiting();
    return figures;
  }

  void drain() {
    for (auto* member : members_) member->drain();
  }
  void hostEnded() { ++hostsEnded_; }

 private:
  std::set<Member*> members_;
  uint64_t hostsEnded_ = 0;
};

}  // namespace cbs::rpc
