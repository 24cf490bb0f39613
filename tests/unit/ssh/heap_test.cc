#include "agentd/ssh/heap.h"

#include <catch2/catch_test_macros.hpp>

#include <cstring>

namespace cbs::ssh {
namespace {

TEST_CASE("a session's heap keeps what is written to it, small and large") {
  SessionHeap heap;
  auto* small = static_cast<char*>(heap.allocate(100));
  auto* large = static_cast<char*>(heap.allocate(81'536));
  std::memset(small, 's', 100);
  std::memset(large, 'l', 81'536);
  small = static_cast<char*>(heap.resize(small, 200'000));
  REQUIRE(small[99] == 's');
  small = static_cast<char*>(heap.resize(small, 10));
  REQUIRE(small[9] == 's');
  REQUIRE(large[81'535] == 'l');
  heap.release(large);
  heap.release(nullptr);
}

TEST_CASE("the pages of a block's unused end are handed back, and what is before stays") {
  SessionHeap heap;
  auto* block = static_cast<char*>(heap.allocate(80'000));
  std::memset(block, 'x', 80'000);
  size_t returned = SessionHeap::returnFrom(block, block + 3'000);
  REQUIRE(returned >= 80'000 - 2 * 4096);
  REQUIRE(block[2'999] == 'x');
  REQUIRE(block[40'000] == 0);
  REQUIRE(block[79'999] == 0);
  block[79'999] = 'z';
  REQUIRE(block[79'999] == 'z');
}

TEST_CASE("of a small block nothing is handed back") {
  SessionHeap heap;
  auto* block = static_cast<char*>(heap.allocate(10'000));
  std::memset(block, 'x', 10'000);
  REQUIRE(SessionHeap::returnFrom(block, block) == 0);
  REQUIRE(block[9'999] == 'x');
}

TEST_CASE("a block that nobody releases goes with the heap") {
  // The leak checker of the sanitizer build sees it if it does not.
  SessionHeap heap;
  REQUIRE(heap.allocate(10) != nullptr);
  REQUIRE(heap.allocate(100'000) != nullptr);
}

TEST_CASE("an absurd size gives no memory and no crash") {
  SessionHeap heap;
  REQUIRE(heap.allocate(SIZE_MAX) == nullptr);
  REQUIRE(heap.resize(nullptr, SIZE_MAX - 8) == nullptr);
}

}  // namespace
}  // namespace cbs::ssh
