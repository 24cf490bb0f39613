// Hosts, each once, in the order in which they were added.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

namespace cbs::cli {

class HostList {
 public:
  HostList() = default;
  HostList(HostList&&) = default;
  HostList& operator=(HostList&&) = default;

  size_t size() const { return order_.size(); }
  bool contains(const std::string& name) const { return names_.count(name) > 0; }

  void add(std::string name);
  void add(const HostList& others);
  void remove(const HostList& others);    // difference
  void keepOnly(const HostList& others);  // intersection
  void toggle(const HostList& others);    // symmetric difference: what is new comes last

  // Pointers into this, until it is changed.
  const std::vector<const std::string*>& inOrder() const { return order_; }
  std::vector<std::string> names() const;

 private:
  template <typename Predicate>
  void dropIf(Predicate predicate);

  std::unordered_set<std::string> names_;
  std::vector<const std::string*> order_;  // of names_, which keeps each where it is
};

}  // namespace cbs::cli
