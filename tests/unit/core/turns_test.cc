#include "agentd/core/turns.h"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <memory>
#include <random>
#include <string>

namespace cbs::core {
namespace {

std::string order(Turns<std::string, std::string>& turns) {
  std::string order;
  while (!turns.empty()) order += turns.pop();
  return order;
}

TEST_CASE("what waits under one key goes in order") {
  Turns<std::string, std::string> turns;
  for (auto item : {"a", "b", "c"}) turns.push("x", item);
  CHECK(turns.size() == 3);
  CHECK(turns.front() == "a");
  CHECK(order(turns) == "abc");
}

TEST_CASE("keys take turns, so that one with many items delays another's first by one") {
  Turns<std::string, std::string> turns;
  for (int i = 0; i < 1000; ++i) turns.push("flood", "f");
  turns.push("other", "o");
  turns.push("third", "t");
  turns.push("other", "O");
  CHECK(order(turns).substr(0, 7) == "fotfOff");
}

TEST_CASE("what is put in can be moved only, and comes out") {
  Turns<int, std::unique_ptr<int>> turns;
  turns.push(1, std::make_unique<int>(7));
  CHECK(*turns.pop() == 7);
  CHECK(turns.empty());
}

// The law of fairness: between two items of one key, no other key that waits is passed over.
TEST_CASE("in any schedule nothing is lost, each key keeps its order, and nobody waits for more than a round") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Turns<int, std::pair<int, int>> turns;
    std::map<int, int> pushed, popped;
    std::map<int, size_t> passed;  // how often others went since a key that waits had its turn
    size_t in = 0, out = 0;
    while (in < 200 || !turns.empty()) {
      bool push = in < 200 && (turns.empty() || random() % 2 == 0);
      if (push) {
        int key = static_cast<int>(random() % 5);
        if (pushed[key] == popped[key]) passed[key] = 0;
        turns.push(key, {key, pushed[key]++});
        ++in;
        continue;
      }
      auto [key, number] = turns.pop();
      ++out;
      REQUIRE(number == popped[key]++);
      passed[key] = 0;
      for (auto& [other, count] : passed) {
        if (other != key && pushed[other] > popped[other]) REQUIRE(++count <= 4);
      }
    }
    REQUIRE(in == out);
  }
}

}  // namespace
}  // namespace cbs::core
