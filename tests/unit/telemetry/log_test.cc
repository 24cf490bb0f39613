#include "agentd/telemetry/log.h"

#include "tests/support/temp_folder.h"
#include "tests/support/text.h"

#include <capnp/compat/json.h>
#include <capnp/message.h>
#include <catch2/catch_test_macros.hpp>

#include <kj/debug.h>

#include <regex>
#include <string>

namespace cbs::telemetry {
namespace {

using test::contains;
using test::readFile;

std::array<LogLevel, kCategories> all(LogLevel level) {
  std::array<LogLevel, kCategories> levels;
  levels.fill(level);
  return levels;
}

// What is logged with these settings.
template <typename Write>
std::string logged(LogSettings settings, Write write) {
  test::TempFolder folder;
  settings.file = folder.path("log");
  setUpLog(settings);
  write();
  closeLog();
  return readFile(settings.file);
}

TEST_CASE("an event is a line with the time, the level, the category and named values") {
  auto text = logged({.levels = all(LogLevel::INFO)}, []() {
    log(Category::POOL).info("connected", {{"host", "web1"}, {"id", ""}, {"ms", Took{12'000}}});
  });
  std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} info pool: connected host=web1 ms=12\n)");
  INFO(text);
  CHECK(std::regex_match(text, form));
}

TEST_CASE("the journal gets a priority instead of the time") {
  auto text = logged({.levels = all(LogLevel::DEBUG), .toJournal = true}, []() {
    log(Category::APP).debug("one");
    log(Category::APP).info("two");
    log(Category::APP).warn("three");
    log(Category::APP).error("four");
  });
  CHECK(text == "<7>app: one\n<6>app: two\n<4>app: three\n<3>app: four\n");
}

TEST_CASE("as JSON an event is an object a line") {
  auto text = logged({.levels = all(LogLevel::INFO), .format = LogFormat::JSON}, []() {
    log(Category::COMMANDS).warn("ended", {{"why", "a \"quote\"\nand a line"}, {"status", 3}});
  });
  REQUIRE(test::count(text, "\n") == 1);
  capnp::MallocMessageBuilder message;
  auto value = message.initRoot<capnp::JsonValue>();
  capnp::JsonCodec().decodeRaw(kj::arrayPtr(text.data(), text.size() - 1), value);
  std::string names;
  for (auto field : value.getObject()) names += std::string(field.getName().cStr()) + " ";
  CHECK(names == "time level category event why status ");
  auto time = value.getObject()[0].getValue().getString();
  CHECK(std::regex_match(time.cStr(), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d)")));
  CHECK(value.getObject()[4].getValue().getString() == "a \"quote\"\nand a line");
}

TEST_CASE("each category has a level of its own") {
  auto levels = all(LogLevel::INFO);
  levels[static_cast<size_t>(Category::POOL)] = LogLevel::DEBUG;
  levels[static_cast<size_t>(Category::HTTP)] = LogLevel::OFF;
  auto text = logged({.levels = levels}, []() {
    CHECK(log(Category::POOL).tells(LogLevel::DEBUG));
    CHECK_FALSE(log(Category::JOBS).tells(LogLevel::DEBUG));
    log(Category::POOL).debug("seen");
    log(Category::JOBS).debug("unseen");
    log(Category::JOBS).info("seen too");
    log(Category::HTTP).error("unseen");
  });
  CHECK(contains(text, "debug pool: seen\n"));
  CHECK(contains(text, "info jobs: seen too\n"));
  CHECK_FALSE(contains(text, "unseen"));
}

TEST_CASE("what is set up anew applies at once, and what was logged before is not lost") {
  test::TempFolder folder;
  setUpLog({.levels = all(LogLevel::WARN), .file = folder.path("one")});
  log(Category::APP).warn("first");
  log(Category::APP).info("unseen");
  setUpLog({.levels = all(LogLevel::INFO), .file = folder.path("one")});
  log(Category::APP).info("second");
  closeLog();
  auto one = readFile(folder.path("one"));
  CHECK(contains(one, "first\n"));
  CHECK(contains(one, "second\n"));
  CHECK_FALSE(contains(one, "unseen"));
  log(Category::APP).error("to nowhere");
  CHECK(logFault().empty());
}

}  // namespace
}  // namespace cbs::telemetry
