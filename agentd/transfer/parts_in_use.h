// The temporary files that transfers of this daemon write to now, so that no other one goes on with them.
#pragma once

#include <set>
#include <string>
#include <utility>

namespace cbs::transfer {

class PartsInUse {
 public:
  // A claim on a part, which ends with the object. The parts outlive it.
  class Claim {
   public:
    Claim(PartsInUse& parts, std::pair<std::string, std::string> part) : parts_(&parts), part_(std::move(part)) {}
    Claim(Claim&& other) noexcept : parts_(std::exchange(other.parts_, nullptr)), part_(std::move(other.part_)) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
      if (parts_ != nullptr) parts_->parts_.erase(part_);
    }

   private:
    PartsInUse* parts_;
    std::pair<std::string, std::string> part_;
  };

  bool contains(const std::string& host, const std::string& path) const { return parts_.count({host, path}) != 0; }
  // Nobody else may have it.
  Claim claim(const std::string& host, const std::string& path) {
    parts_.insert({host, path});
    return {*this, {host, path}};
  }

 private:
  std::set<std::pair<std::string, std::string>> parts_;
};

}  // namespace cbs::transfer
