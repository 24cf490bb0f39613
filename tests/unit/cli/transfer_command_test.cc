#include "tests/unit/cli/fake_transfers.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

const std::string kHash(32, '\x01');

std::string hexOf(const std::string& hash) { return hexText(hash); }

Fill tree(Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, ""}) {
  return [error](schema::TransferResult::Builder to) {
    to.setPath(bytesOf("/srv/app"));
    to.setFiles(340);
    to.setBytes(12 << 20);
    to.initTimes().setRunUs(1'200'000);
    to.setUnchanged(12);
    to.setDeleted(3);
    to.setSkipped(1);
    if (!error.fact("failed").empty()) to.setFailed(std::stoul(std::string(error.fact("failed"))));
    encode(error, to.initError());
  };
}

Fill single() {
  return [](schema::TransferResult::Builder to) {
    to.setPath(bytesOf("/srv/app.tar"));
    to.setFiles(1);
    to.setBytes(12 << 20);
    to.initTimes().setRunUs(1'200'000);
  };
}

TEST_CASE("a file that was moved is one line, and -q none") {
  TransferProgram program;
  program.plan = {.events = {{"app.tar", What::MOVED, 12 << 20}}, .result = single()};
  auto ran = program.run({"upload", "app.tar", "web1:/srv/"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "web1:/srv/app.tar  12.0 MiB in 1.2 s (10.0 MiB/s)\n");
  CHECK(ran.err.empty());
  CHECK(program.run({"upload", "-q", "app.tar", "web1:/srv/"}).out.empty());
}

TEST_CASE("a tree is one line with its counts, and each special file a word") {
  TransferProgram program;
  program.plan = {.events = {{"app/fifo", What::SKIPPED}}, .result = tree()};
  auto ran = program.run({"upload", "-r", "app", "web1:/srv"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "web1:/srv/app  340 files, 12.0 MiB in 1.2 s (10.0 MiB/s), 12 unchanged, 3 deleted, 1 skipped\n");
  CHECK(ran.err == "cbsession: web1: skipped: app/fifo (a special file)\n");
}

TEST_CASE("with -v there is a line for each entry") {
  TransferProgram program;
  program.plan = {.events = {{"app", What::MADE}, {"app/a", What::MOVED, 2048}, {"app/b", What::UNCHANGED}},
                  .result = tree()};
  auto ran = program.run({"upload", "-rv", "app", "web1:/srv"});
  CHECK(ran.out.find("made  app\ncopied  app/a  2.0 KiB\nunchanged  app/b\nweb1:/srv/app  340") == 0);
}

TEST_CASE("a dry run says what would be done") {
  TransferProgram program;
  program.plan = {.events = {{"app/a", What::MOVED, 2048}, {"app/b", What::UNCHANGED}, {"app/c", What::DELETED}},
                  .result = tree()};
  auto ran = program.run({"upload", "-rn", "--delete", "app", "web1:/srv"});
  CHECK(ran.out ==
        "would copy  app/a  2.0 KiB\nwould delete  app/c\n"
        "web1:/srv/app  would copy 340 files, 12.0 MiB, would delete 3, would skip 1, 12 unchanged\n");
}

TEST_CASE("with --verify it gives a receipt with paths relative to the place") {
  TransferProgram program;
  program.plan = {.events = {{"app/x/a", What::MOVED, 1, {ErrorKind::NONE, Reason::UNSPECIFIED, ""}, kHash}},
                  .result = tree()};
  auto ran = program.run({"upload", "-r", "--verify", "app", "web1:/srv"});
  CHECK(ran.out.find(hexOf(kHash) + "  x/a\nweb1:/srv/app  ") == 0);
  CHECK(ran.out.find(", 1 verified\n") != std::string::npos);
  CHECK(program.run({"upload", "-r", "--verify", "app/", "web1:/srv"}).out.find("  app/x/a\n") != std::string::npos);
  program.plan.events[0].path = "app.tar";
  program.plan.result = [](auto to) { to.setPath(bytesOf("/srv/new.tar")); };
  CHECK(program.run({"upload", "--verify", "app.tar", "web1:/srv/new.tar"}).out.find(hexOf(kHash) + "  new.tar\n") ==
        0);
}

TEST_CASE("what a pattern finds is in the receipt by the names that it has here") {
  TransferProgram program;
  FakeEvent first{"a.log", What::MOVED, 1, {ErrorKind::NONE, Reason::UNSPECIFIED, ""}, kHash};
  program.plan = {.events = {first}, .result = [](auto to) {
                    to.setPath(bytesOf("/new.log"));
                    to.setFiles(1);
                  }};
  auto one = program.run({"download", "--verify", "web1:*.log", "/new.log"}).out;
  CHECK(one == hexOf(kHash) + "  new.log\n/new.log  1 file, 0 B, verified\n");
  auto second = first;
  second.path = "b.log";
  program.plan = {.events = {first, second}, .result = [](auto to) {
                    to.setPath(bytesOf("/into"));
                    to.setFiles(2);
                  }};
  auto two = program.run({"download", "--verify", "web1:*.log", "/into"}).out;
  CHECK(two == hexOf(kHash) + "  a.log\n" + hexOf(kHash) + "  b.log\n/into  2 files, 0 B, verified\n");
}

TEST_CASE("what was left alone is not called verified") {
  TransferProgram program;
  program.plan = {.events = {{"app/x/a", What::MOVED, 1, {ErrorKind::NONE, Reason::UNSPECIFIED, ""}, kHash},
                             {"app/b", What::UNCHANGED, 1}},
                  .result = [](auto to) {
                    to.setFiles(1);
                    to.setUnchanged(1);
                  }};
  CHECK(program.run({"upload", "-r", "--verify", "app", "web1:/srv"}).out.find(", 1 unchanged, 1 verified\n") !=
        std::string::npos);
}

TEST_CASE("a path that an error does not name is named, whatever its words are") {
  TransferProgram program;
  Error words{ErrorKind::TRANSFER_FAILED, Reason::UNSPECIFIED, "a banana"};
  Error inTheWay{ErrorKind::TRANSFER_FAILED, Reason::ALREADY_EXISTS, "sub is in the way: it is a folder"};
  program.plan = {.events = {{"a", What::FAILED, 0, words}, {"app/sub", What::FAILED, 0, inTheWay}},
                  .result = tree(Error(words).with("failed", "2"))};
  CHECK(program.run({"upload", "-r", "app", "web1:/srv"}).err ==
        "cbsession: web1: a: transfer failed: a banana\n"
        "cbsession: web1: app/sub is in the way: it is a folder. Next: remove it first, or choose another name\n");
}

TEST_CASE("a host that is lost in a transfer is told as such") {
  TransferProgram program;
  program.plan.result = [](auto to) {
    encode({ErrorKind::TRANSFER_FAILED, Reason::CONNECTION_LOST, "", {{"part", "/srv/.a.cbs-aaaaaaaa"}}},
           to.initError());
  };
  auto ran = program.run({"upload", "a", "web1:/srv"});
  CHECK(ran.code == 248);
  CHECK(ran.err == "cbsession: web1: the connection was lost. Next: the same command with --resume\n");
}

TEST_CASE("failures of entries are told one by one, what to do once, and the exit code is that of transfers") {
  TransferProgram program;
  auto denied = fileError(Reason::PERMISSION_DENIED, "/srv/app/a");
  program.plan = {.events = {{"app/a", What::FAILED, 0, denied},
                             {"app/b", What::FAILED, 0, fileError(Reason::PERMISSION_DENIED, "/srv/app/b")}},
                  .result = tree(Error(denied).with("failed", "2"))};
  auto ran = program.run({"upload", "-r", "app", "web1:/srv"});
  CHECK(ran.code == 248);
  CHECK(ran.err ==
        "cbsession: web1: permission denied: /srv/app/a. Next: check the file's owner and mode, and its folder's\n"
        "cbsession: web1: permission denied: /srv/app/b\n");
  CHECK(ran.out.find("1 skipped, 2 failed\n") != std::string::npos);
}

TEST_CASE("of very many failures a hundred are told, then their number") {
  TransferProgram program;
  auto error = fileError(Reason::NOT_FOUND, "x");
  program.plan = {.events = std::vector<FakeEvent>(150, {"x", What::FAILED, 0, error}),
                  .result = tree(Error(error).with("failed", "150"))};
  auto ran = program.run({"upload", "-r", "app", "web1:/srv"});
  CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 101);
  CHECK(ran.err.find("cbsession: web1: 150 failed in all\n") != std::string::npos);
}

TEST_CASE("what ends the transfer is told with its kind's exit code") {
  TransferProgram program;
  program.plan.result = [](auto to) {
    encode({ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, ""}, to.initError());
  };
  auto ran = program.run({"download", "web1:a", "."});
  CHECK(ran.code == 241);
  CHECK(ran.out.empty());
  CHECK(ran.err.find("cbsession: web1: connection refused. Next: ") == 0);
}

TEST_CASE("the report has it all, and names that are not UTF-8 as base64") {
  TransferProgram program;
  auto denied = fileError(Reason::PERMISSION_DENIED, "/srv/app/a");
  program.plan = {.events = {{"app/\xff", What::FAILED, 0, denied},
                             {"app/b", What::MOVED, 1, {ErrorKind::NONE, Reason::UNSPECIFIED, ""}, kHash}},
                  .result = tree(Error(denied).with("failed", "1"))};
  auto ran = program.run({"upload", "-r", "--verify", "--output", "json", "app", "web1:/srv"});
  CHECK(ran.code == 248);
  INFO(ran.out);
  CHECK(ran.out.find("{\"from\":[{\"path\":\"app\",\"pathBase64\":false}],\"to\":{\"target\":\"web1\",\"path\":"
                     "\"/srv/app\",\"pathBase64\":false},\"dryRun\":false,\"bytes\":12582912,") == 0);
  CHECK(
      ran.out.find("\"failures\":[{\"path\":\"YXBwL/8=\",\"pathBase64\":true,\"error\":{\"kind\":\"transferFailed\"") !=
      std::string::npos);
  CHECK(ran.out.find("\"verified\":[{\"path\":\"app/b\",\"pathBase64\":false,\"sha256\":\"" + hexOf(kHash) + "\"}]") !=
        std::string::npos);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 1);
}

TEST_CASE("ndjson tells each thing as it happens, and the report last") {
  TransferProgram program;
  program.plan = {.events = {{"app", What::MADE}, {"app/b", What::UNCHANGED, 7}}, .result = tree(), .bytesSoFar = 5};
  auto ran = program.run({"upload", "-r", "--output", "ndjson", "app", "web1:/srv"});
  CHECK(ran.code == 0);
  INFO(ran.out);
  CHECK(ran.out.find("{\"event\":\"progress\",\"bytes\":5,\"totalBytes\":10,") == 0);
  CHECK(ran.out.find("\n{\"event\":\"made\",\"path\":\"app\",") != std::string::npos);
  CHECK(ran.out.find("\n{\"event\":\"unchanged\",\"path\":\"app/b\",\"pathBase64\":false,\"bytes\":7,") !=
        std::string::npos);
  CHECK(ran.out.find("\n{\"event\":\"finished\",\"from\":") != std::string::npos);
  CHECK(program.run({"upload", "--verify", "--output", "ndjson", "app", "web1:/srv"}).out.find("\"verified\":") ==
        std::string::npos);
}

TEST_CASE("a signal cancels the transfer, and what remains of it is told") {
  TransferProgram program;
  program.plan = {.events = {},
                  .result =
                      [](auto to) {
                        Error error{ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""};
                        encode(std::move(error).with("part", "/srv/.app.tar.cbs-abcdefgh"), to.initError());
                      },
                  .bytesSoFar = 512 << 20,
                  .waitsForCancel = true,
                  .onProgress = []() { kill(getpid(), SIGTERM); }};
  auto ran = program.run({"upload", "app.tar", "web1:/srv/"});
  CHECK(ran.code == 246);
  CHECK(program.plan.seen == std::vector<std::string>{"cancel"});
  CHECK(ran.err ==
        "cbsession: web1: cancelled; /srv/.app.tar.cbs-abcdefgh has 512.0 MiB of it. Next: the same command with "
        "--resume\n");
}

TEST_CASE("a second signal leaves at once") {
  TransferProgram program;
  program.plan.waitsForCancel = true;
  program.plan.onProgress = []() { kill(getpid(), SIGINT); };
  program.plan.onCancel = []() { kill(getpid(), SIGINT); };
  auto ran = program.run({"upload", "app.tar", "web1:/srv/"});
  CHECK(ran.code == 130);
  CHECK(ran.err.find("cbsession: web1: cancelled (a second signal") == 0);
}

TEST_CASE("a daemon that knows no transfers is another version") {
  TransferProgram program;
  program.daemon.script.transfer = nullptr;
  auto ran = program.run({"upload", "a", "web1:"});
  CHECK(ran.code == 240);
  CHECK(ran.err.find("the daemon is older than this program") != std::string::npos);
}

TEST_CASE("a daemon that goes away in the middle cannot be talked to") {
  TransferProgram program;
  program.plan = {.waitsForCancel = true, .onProgress = [&]() { program.daemon.dropSoon(); }};
  auto ran = program.run({"upload", "--output", "json", "a", "web1:"});
  CHECK(ran.code == 240);
  CHECK(ran.out.find("\"error\":{\"kind\":\"agentUnreachable\"") != std::string::npos);
}

}  // namespace
}  // namespace cbs::cli
