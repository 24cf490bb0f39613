// A queue in which everybody gets their turn: of those who wait under several keys, the longest waiting of each key
// goes in turn, so that one who has put in a thousand delays another's first by one.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <unordered_map>
#include <utility>

namespace cbs::core {

template <typename Key, typename T>
class Turns {
 public:
  void push(const Key& key, T item) {
    auto [entry, isNew] = queues_.try_emplace(key);
    if (isNew) order_.push_back(key);
    entry->second.push_back(std::move(item));
    ++size_;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // The next one; there must be one.
  T& front() { return queues_.find(order_.front())->second.front(); }

  // Takes it out. Its key is the last to come again.
  T pop() {
    auto entry = queues_.find(order_.front());
    T item = std::move(entry->second.front());
    entry->second.pop_front();
    --size_;
    if (entry->second.empty()) {
      queues_.erase(entry);
      order_.pop_front();
    } else {
      order_.splice(order_.end(), order_, order_.begin());
    }
    return item;
  }

 private:
  std::unordered_map<Key, std::deque<T>> queues_;  // none is empty
  std::list<Key> order_;                           // of their turns
  size_t size_ = 0;
};

}  // namespace cbs::core
