#include "agentd/telemetry/log_file.h"
#include "agentd/telemetry/line_writer.h"

#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

namespace cbs::telemetry {
namespace {

using test::readFile;

std::string line(char c, size_t length = 10) { return std::string(length - 1, c) + "\n"; }

TEST_CASE("a log's file is its owner's only, and goes on where it was") {
  test::TempFolder folder;
  auto path = folder.write("log", "before\n", 0600);
  std::string fault;
  LogFile file(path, 0, 0);
  CHECK(file.write("after\n", fault) == 6);
  CHECK(readFile(path) == "before\nafter\n");
  LogFile fresh(folder.path("fresh"), 0, 0);
  fresh.write("x\n", fault);
  struct stat status;
  REQUIRE(stat(folder.path("fresh").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a file that would be too large is set aside, and so many are kept") {
  test::TempFolder folder;
  auto path = folder.path("log");
  LogFile file(path, 20, 2);
  std::string fault;
  for (char c : {'a', 'b', 'c', 'd', 'e', 'f', 'g'}) file.write(line(c), fault);
  CHECK(readFile(path) == line('g'));
  CHECK(readFile(path + ".1") == line('e') + line('f'));
  CHECK(readFile(path + ".2") == line('c') + line('d'));
  CHECK_FALSE(std::filesystem::exists(path + ".3"));
}

TEST_CASE("a file that another daemon has set aside is not set aside again") {
  test::TempFolder folder;
  auto path = folder.path("log");
  LogFile one(path, 20, 2), other(path, 20, 2);
  std::string fault;
  for (char c : {'a', 'b'}) one.write(line(c), fault);
  other.write(line('c'), fault);
  one.write(line('d'), fault);
  CHECK(readFile(path) == line('c') + line('d'));
  CHECK(readFile(path + ".1") == line('a') + line('b'));
  CHECK_FALSE(std::filesystem::exists(path + ".2"));
}

TEST_CASE("a file that was moved away is written until it is opened anew; one that was removed is made again") {
  test::TempFolder folder;
  auto path = folder.path("log");
  LogFile file(path, 0, 0);
  std::string fault;
  file.write("one\n", fault);
  std::filesystem::rename(path, path + ".old");
  file.write("two\n", fault);
  CHECK(readFile(path + ".old") == "one\ntwo\n");
  CHECK(file.reopen().empty());
  file.write("three\n", fault);
  CHECK(readFile(path) == "three\n");
  std::filesystem::remove(path);
  file.write("four\n", fault);
  CHECK(readFile(path) == "four\n");
}

TEST_CASE("a folder that is not there is a fault until it is") {
  test::TempFolder folder;
  auto path = folder.path("gone/log");
  LogFile file(path, 0, 0);
  std::string fault;
  CHECK(file.write("one\n", fault) == 0);
  CHECK(fault == path + ": No such file or directory");
  folder.makeFolder("gone");
  CHECK(file.write("two\n", fault) == 4);
  CHECK(fault.empty());
  CHECK(readFile(path) == "two\n");
}

TEST_CASE("a full disk tears no line") {
  test::TempFolder folder;
  test::SmallDisk disk(folder.makeFolder("disk"), 64 << 10);
  if (!disk.mounted()) SKIP("only root can mount a small disk");
  auto path = folder.path("disk/log");
  LogFile file(path, 0, 0);
  std::string fault, lines;
  for (int i = 0; i < 30; ++i) lines += line(static_cast<char>('a' + i % 26), 3'000);
  CHECK(file.write(lines, fault) < lines.size());
  CHECK(fault == path + ": No space left on device");
  auto kept = readFile(path);
  CHECK(kept.size() % 3'000 == 0);
  CHECK(kept == lines.substr(0, kept.size()));
}

TEST_CASE("what a writer is given is written in its order, and told") {
  test::TempFolder folder;
  auto path = folder.path("log");
  LineWriter writer({.file = path});
  std::promise<std::string> told;
  for (int i = 0; i < 100; ++i) writer.write(std::to_string(i) + "\n");
  writer.write("last\n", [&told](const std::string& fault) { told.set_value(fault); });
  CHECK(told.get_future().get() == "");
  std::string expected;
  for (int i = 0; i < 100; ++i) expected += std::to_string(i) + "\n";
  CHECK(readFile(path) == expected + "last\n");
  CHECK(writer.fault().empty());
}

TEST_CASE("lines that could not be written are counted, and told of once they can be") {
  test::TempFolder folder;
  auto path = folder.path("gone/log");
  LineWriter writer({.file = path, .lossLine = [](uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }});
  std::promise<std::string> failed, written;
  writer.write("one\n");
  writer.write("two\n", [&failed](const std::string& fault) { failed.set_value(fault); });
  CHECK(failed.get_future().get() == path + ": No such file or directory");
  folder.makeFolder("gone");
  writer.write("three\n", [&written](const std::string& fault) { written.set_value(fault); });
  CHECK(written.get_future().get() == "");
  writer.finish();
  CHECK(readFile(path) == "three\nlost 2\n");
  CHECK(writer.fault().empty());
}

TEST_CASE("a file that can be written again is no fault any more, though nobody writes to it") {
  test::TempFolder folder;
  auto path = folder.path("gone/log");
  LineWriter writer({.file = path,
                     .lossLine = [](uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; },
                     .retry = std::chrono::milliseconds(1)});
  std::promise<std::string> failed;
  writer.write("one\n", [&failed](const std::string& fault) { failed.set_value(fault); });
  CHECK(failed.get_future().get() == path + ": No such file or directory");
  folder.makeFolder("gone");
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  auto isMended = [&]() { return readFile(path) == "lost 1\n" && writer.fault().empty(); };
  while (!isMended() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(isMended());
}

TEST_CASE("a line that is longer than what may wait is taken when nothing does") {
  test::TempFolder folder;
  auto path = folder.path("log");
  LineWriter writer({.file = path});
  std::promise<std::string> told;
  auto huge = line('x', 3 << 20);
  writer.write(huge, [&told](const std::string& fault) { told.set_value(fault); });
  CHECK(told.get_future().get() == "");
  CHECK(readFile(path) == huge);
}

TEST_CASE("why a file cannot be opened is told, and standard error always can") {
  test::TempFolder folder;
  CHECK(whyNotOpened("").empty());
  CHECK(whyNotOpened(folder.path("log")).empty());
  CHECK(whyNotOpened(folder.path("gone/log")) == folder.path("gone/log") + ": No such file or directory");
}

TEST_CASE("that a file cannot be opened is known before anything is written") {
  test::TempFolder folder;
  LineWriter writer({.file = folder.path("gone/log")});
  while (writer.fault().empty()) std::this_thread::yield();
  CHECK(writer.fault() == folder.path("gone/log") + ": No such file or directory");
  folder.makeFolder("gone");
  writer.reopen();
  while (!writer.fault().empty()) std::this_thread::yield();
  CHECK(std::filesystem::exists(folder.path("gone/log")));
}

TEST_CASE("a fault is known when it is told") {
  test::TempFolder folder;
  LineWriter writer({.file = folder.path("gone/log")});
  for (int i = 0; i < 100; ++i) {
    std::promise<std::string> told;
    writer.write("one\n", [&](const std::string&) { told.set_value(writer.fault()); });
    CHECK(told.get_future().get() == folder.path("gone/log") + ": No such file or directory");
  }
}

TEST_CASE("a file that takes nothing holds nobody back, and does not fill the memory") {
  test::TempFolder folder;
  auto path = folder.path("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  kj::AutoCloseFd reader(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  LineWriter writer({.file = path});
  unsigned lost = 0;
  for (int i = 0; i < 5'000; ++i) {
    writer.write(line('x', 1'000), [&lost, me = std::this_thread::get_id()](const std::string&) {
      if (std::this_thread::get_id() == me) ++lost;  // at once: not even taken
    });
  }
  CHECK(lost > 2'000);  // 5 MB less what waits, what is being written, and what the pipe holds
}

}  // namespace
}  // namespace cbs::telemetry
