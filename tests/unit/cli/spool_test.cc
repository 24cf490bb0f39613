#include "cli/fanout/spool.h"

#include "cli/bytes.h"
#include "cli/output/explain_error.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"

#include <dirent.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

// Reads in steps that fit nothing.
std::string whole(const Spool& spool, const Spool::Text& text, size_t step = 7) {
  std::string all;
  while (all.size() < text.size()) {
    auto piece = spool.read(text, all.size(), step);
    REQUIRE(piece);
    REQUIRE(!piece->empty());
    REQUIRE(piece->size() <= step);
    all += *piece;
  }
  return all;
}

void add(Spool& spool, Spool::Text& text, std::string_view bytes) { REQUIRE(spool.append(text, bytesOf(bytes))); }

TEST_CASE("a spool gives back what was put in, in memory and beyond") {
  test::TempFolder folder;
  Spool spool(folder.path(), 100);
  Spool::Text text;
  CHECK(text.empty());
  CHECK(whole(spool, text).empty());
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    std::string line = "line " + std::to_string(i) + "\n";
    expected += line;
    add(spool, text, line);
  }
  CHECK(text.size() == expected.size());
  CHECK(spool.bytesInFile() > expected.size() / 2);
  CHECK(whole(spool, text) == expected);
  CHECK(whole(spool, text, 10'000) == expected);
  auto end = spool.read(text, text.size(), 10);
  REQUIRE(end);
  CHECK(end->empty());
}

TEST_CASE("texts that grow in turns do not get into each other") {
  test::TempFolder folder;
  Spool spool(folder.path(), 64);
  std::vector<Spool::Text> texts(10);
  std::vector<std::string> expected(10);
  for (int round = 0; round < 50; ++round) {
    for (size_t i = 0; i < texts.size(); ++i) {
      std::string piece(static_cast<size_t>(round) % 5 + i, static_cast<char>('a' + i));
      piece += '\0';
      expected[i] += piece;
      add(spool, texts[i], piece);
    }
  }
  for (size_t i = 0; i < texts.size(); ++i) CHECK(whole(spool, texts[i]) == expected[i]);
}

TEST_CASE("what is dropped makes room, in memory and in the file, and the text can be used again") {
  test::TempFolder folder;
  Spool spool(folder.path(), 10);
  Spool::Text one, other;
  add(spool, one, std::string(1000, '1'));
  add(spool, other, std::string(2000, '2'));
  CHECK(spool.bytesInFile() == 3000);
  spool.drop(one);
  CHECK(one.empty());
  CHECK(spool.bytesInFile() == 2000);
  CHECK(whole(spool, other) == std::string(2000, '2'));
  add(spool, one, "again");
  CHECK(whole(spool, one) == "again");
  spool.drop(one);
  spool.drop(other);
  CHECK(spool.bytesInFile() == 0);
  add(spool, other, std::string(500, '3'));
  CHECK(whole(spool, other) == std::string(500, '3'));
}

TEST_CASE("texts are equal by their bytes, wherever those are") {
  test::TempFolder folder;
  Spool spool(folder.path(), 3000);
  Spool::Text one, same, other, shorter;
  std::string bytes(100'000, 'x');
  add(spool, one, bytes);
  for (size_t i = 0; i < bytes.size(); i += 1000) add(spool, same, bytes.substr(i, 1000));
  add(spool, shorter, bytes.substr(1));
  bytes.back() = 'y';
  add(spool, other, bytes);
  CHECK(spool.equal(one, same).value_or(false));
  CHECK_FALSE(spool.equal(one, other).value_or(true));
  CHECK_FALSE(spool.equal(one, shorter).value_or(true));
  CHECK(spool.equal(Spool::Text(), Spool::Text()).value_or(false));
}

TEST_CASE("nothing is opened before it is needed, and nothing has a name") {
  Spool small("/nowhere/at/all", 100);
  Spool::Text text;
  add(small, text, "fits");
  CHECK(whole(small, text) == "fits");

  test::TempFolder folder;
  Spool large(folder.path(), 0);
  Spool::Text written;
  add(large, written, "does not fit");
  CHECK(large.bytesInFile() > 0);
  CHECK(rmdir(folder.path().c_str()) == 0);  // it is empty
}

TEST_CASE("a folder that cannot be used is an error that names it, and what was there is not lost") {
  Spool spool("/nowhere/at/all", 100);
  Spool::Text text;
  add(spool, text, "before");
  auto appended = spool.append(text, bytesOf(std::string(200, 'x')));
  REQUIRE(!appended);
  CHECK(appended.error().kind == ErrorKind::TRANSFER_FAILED);
  CHECK(appended.error().reason == Reason::LOCAL_IO);
  CHECK(appended.error().fact("localPath") == "/nowhere/at/all");
  CHECK(explain(appended.error(), "").next.find("TMPDIR") != std::string::npos);
  CHECK(whole(spool, text).substr(0, 6) == "before");
}

TEST_CASE("a disk that is full is an error, and what was there can still be read") {
  test::TempFolder folder;
  test::SmallDisk disk(folder.makeFolder("disk"), 64 << 10);
  if (!disk.mounted()) SKIP("needs root");
  Spool spool(folder.path("disk"), 10);
  Spool::Text text;
  add(spool, text, std::string(40'000, 'a'));
  auto appended = spool.append(text, bytesOf(std::string(40'000, 'b')));
  REQUIRE(!appended);
  CHECK(appended.error().reason == Reason::NO_SPACE);
  CHECK(whole(spool, text, 1 << 20).substr(0, 40'000) == std::string(40'000, 'a'));
  spool.drop(text);
  add(spool, text, std::string(40'000, 'c'));
}

}  // namespace
}  // namespace cbs::cli
