#include "cli/transfer/transfer_text.h"

#include "cli/output/explain_error.h"
#include "cli/output/progress.h"
#include "cli/output/rate_meter.h"
#include "cli/transfer/progress_display.h"
#include "tests/unit/cli/fake_transfers.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("the rate is that of the last seconds") {
  RateMeter rate;
  CHECK(rate.perSecond() == 0);
  rate.add(0, 0);
  CHECK(rate.perSecond() == 0);
  for (uint64_t second = 1; second <= 10; ++second) rate.add(second * 1000, 1000 * second);
  CHECK(rate.perSecond() == 1000);
  for (uint64_t second = 11; second <= 20; ++second) rate.add(second * 1000, 10000);
  CHECK(rate.perSecond() == 0);
  for (uint64_t ms = 20001; ms < 26000; ++ms) rate.add(ms, 10000 + (ms - 20000) * 5);
  CHECK(rate.perSecond() > 4900);
  CHECK(rate.perSecond() < 5100);
}

TEST_CASE("a progress line of a tree has its files, and an end only when all is known") {
  Progress progress{50 << 20, 100 << 20, 5000, 12, 340, true, 20 << 20};
  CHECK(formatProgress("a/b.txt", progress, 80).find("  12/340 files    20.0 MiB/s  0:02") != std::string::npos);
  CHECK(progressSentence("web1", progress) == "web1: 50 % of 100.0 MiB, 12/340 files, 20.0 MiB/s, 0:02 left");
  progress.listed = false;
  CHECK(progressSentence("web1", progress) == "web1: 50 % of 100.0 MiB or more, 12/340+ files, 20.0 MiB/s, -:-- left");
  for (unsigned columns : {30u, 50u, 80u}) CHECK(formatProgress("a/b.txt", progress, columns).size() <= columns);
}

schema::TransferProgress::Builder progressOf(capnp::MessageBuilder& message, uint64_t bytes, const char* current) {
  auto progress = message.initRoot<schema::TransferProgress>();
  progress.setBytes(bytes);
  progress.setSentBytes(bytes);
  progress.setTotalBytes(100 << 20);
  progress.setTotalFiles(340);
  progress.setListed(true);
  progress.setCurrent(bytesOf(current));
  return progress;
}

TEST_CASE("a terminal has one line drawn over and over, which makes way for others") {
  kj::TimerImpl timer(kj::origin<kj::TimePoint>());
  capnp::MallocMessageBuilder message;
  CapturedStream err(STDERR_FILENO);
  {
    ProgressDisplay display(timer, "web1", ProgressDisplay::Way::redrawn);
    display.update(progressOf(message, 50 << 20, "a\x1b.txt"));
    display.wipe();
    display.wipe();
    display.update(progressOf(message, 60 << 20, ""));
  }
  auto text = err.read();
  CHECK(text.find("\ra?.txt   50 %") == 0);
  CHECK(text.find("\x1b[K\r\x1b[K\rweb1   60 %") != std::string::npos);
  CHECK(text.rfind("\x1b[K\r\x1b[K") == text.size() - 7);
}

TEST_CASE("what is no terminal has a line every ten seconds") {
  kj::TimerImpl timer(kj::origin<kj::TimePoint>());
  capnp::MallocMessageBuilder message;
  CapturedStream err(STDERR_FILENO);
  ProgressDisplay display(timer, "web1", ProgressDisplay::Way::sentences);
  for (uint64_t second = 0; second < 20; ++second) {
    timer.advanceTo(kj::origin<kj::TimePoint>() + second * kj::SECONDS);
    display.update(progressOf(message, second << 20, ""));
  }
  CHECK(err.read() == "web1: 10 % of 100.0 MiB, 0/340 files, 1.0 MiB/s, 1:30 left\n");
}

TEST_CASE("a receipt is what sha256sum prints, odd names included") {
  std::string hash(32, '\xab');
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "ab";
  CHECK(receiptLine(hash, "a b/c", false) == hex + "  a b/c\n");
  CHECK(receiptLine(hash, "a\nb\\c\r", false) == "\\" + hex + "  a\\nb\\\\c\\r\n");
  CHECK(receiptLine(hash, "a\x1b[2J", true) == hex + "  a?[2J\n");
}

TEST_CASE("what can be gone on with is told to go on with") {
  Error error{ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, "", {{"part", "/srv/.a.cbs-aaaaaaaa"}}};
  CHECK(sentence(error, "web1") ==
        "cbsession: web1: cancelled; /srv/.a.cbs-aaaaaaaa has a part of it. Next: the same command with --resume\n");
  error.facts.push_back({"partBytes", "536870912"});
  CHECK(explain(error, "web1").message == "cancelled; /srv/.a.cbs-aaaaaaaa has 512.0 MiB of it");
  for (const char* part : {"b", "c", "d"}) error.facts.push_back({"part", part});
  CHECK(explain(error, "").message == "cancelled; parts of it are in /srv/.a.cbs-aaaaaaaa, b, c and 1 more");
  Error full = Error{ErrorKind::TRANSFER_FAILED, Reason::NO_SPACE, "", {{"remotePath", "/srv/a"}}};
  CHECK(sentence(full, "web1") == "cbsession: web1: no space left for /srv/a. Next: make room and try again\n");
  full.facts.push_back({"part", "x"});
  CHECK(explain(full, "web1").next == "make room, then the same command with --resume");
}

// As agentd/ssh has it for a link that breaks off.
TEST_CASE("a connection that was lost in a transfer is told without any command") {
  Error lost{ErrorKind::TRANSFER_FAILED, Reason::CONNECTION_LOST, "reset by peer", {{"part", "x"}}};
  CHECK(sentence(lost, "web1") ==
        "cbsession: web1: the connection was lost (reset by peer). Next: the same command with --resume\n");
  lost.facts.clear();
  CHECK(sentence(lost, "web1") == "cbsession: web1: the connection was lost (reset by peer). Next: try again\n");
  lost.kind = ErrorKind::LOST;
  CHECK(explain(lost, "web1").message.find("after the command was sent") != std::string::npos);
}

TEST_CASE("what befell a local file is not told of the host") {
  TransferPlaces places{"", {"a"}, "web1", "b"};
  CHECK(subjectOf({ErrorKind::TRANSFER_FAILED, Reason::NOT_FOUND, "", {{"localPath", "a"}}}, places).empty());
  CHECK(subjectOf({ErrorKind::TRANSFER_FAILED, Reason::NOT_FOUND, "", {{"remotePath", "a"}}}, places) == "web1");
  CHECK(subjectOf({ErrorKind::UNREACHABLE, Reason::NAME_NOT_FOUND, "", {{"target", "web2"}}}, places) == "web2");
}

TEST_CASE("only what is written to can be full, or have something in the way") {
  for (Reason reason : {Reason::NO_SPACE, Reason::ALREADY_EXISTS}) {
    Error error{ErrorKind::TRANSFER_FAILED, reason, ""};
    CHECK(subjectOf(error, {"", {"a"}, "web1", "b"}) == "web1");
    CHECK(subjectOf(error, {"web1", {"a"}, "", "b"}).empty());
    CHECK(subjectOf(error, {"web1", {"a"}, "web2", "b"}) == "web2");
  }
}

TEST_CASE("what is in the way is told in the words for it, and -r is no advice") {
  Error error{ErrorKind::TRANSFER_FAILED, Reason::ALREADY_EXISTS, "sub is in the way: it is a folder"};
  const std::string advice = ". Next: remove it first, or choose another name\n";
  CHECK(sentence(error, "") == "cbsession: sub is in the way: it is a folder" + advice);
  error.facts = {{"remotePath", "/srv/sub"}};
  CHECK(sentence(error, "web1") == "cbsession: web1: /srv/sub is in the way: it is a folder" + advice);
  error.detail = "it is not a folder";
  CHECK(sentence(error, "web1") == "cbsession: web1: /srv/sub: it is not a folder" + advice);
  error.detail = "/srv/sub is a folder";
  CHECK(sentence(error, "web1") == "cbsession: web1: /srv/sub is a folder" + advice);
  error.detail = "File exists";
  CHECK(sentence(error, "web1") == "cbsession: web1: already exists: /srv/sub" + advice);
}

TEST_CASE("words that say more than the system does are shown beside the path") {
  Error error{ErrorKind::TRANSFER_FAILED, Reason::NOT_FOUND, "a link that leads nowhere", {{"localPath", "a/b"}}};
  CHECK(explain(error, "").message == "no such file or folder: a/b (a link that leads nowhere)");
  error.detail = "a/b: matches nothing";
  CHECK(explain(error, "").message == "no such file or folder: a/b (matches nothing)");
  for (const char* plain : {"No such file or directory", "a/b", ""}) {
    error.detail = plain;
    CHECK(explain(error, "").message == "no such file or folder: a/b");
  }
}

TEST_CASE("errors of files name the file once") {
  Error error{ErrorKind::TRANSFER_FAILED, Reason::PERMISSION_DENIED, "Permission denied", {{"localPath", "a/b"}}};
  CHECK(explain(error, "").message == "permission denied: a/b");
  error.reason = Reason::LOCAL_IO;
  error.detail = "Input/output error";
  CHECK(explain(error, "").message == "a/b: Input/output error");
  error.detail = "cannot read a/b: Input/output error";
  CHECK(explain(error, "").message == "cannot read a/b: Input/output error");
  error.reason = Reason::IS_DIRECTORY;
  CHECK(sentence(error, "") == "cbsession: is a folder: a/b. Next: the same command with -r\n");
}

}  // namespace
}  // namespace cbs::cli
