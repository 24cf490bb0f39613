#include "cli/listing/listing_text.h"
#include "tests/unit/cli/fake_transfers.h"

#include <catch2/catch_test_macros.hpp>

#include <ctime>

namespace cbs::cli {
namespace {

using schema::FileKind;

struct Tell {
  schema::ListingObserver::Client observer;

  kj::Promise<void> files(const std::string& path, const std::vector<ListedFile>& files) {
    auto request = observer.filesRequest();
    request.setPath(bytesOf(path));
    auto list = request.initFiles(static_cast<unsigned>(files.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      list[i].setName(bytesOf(files[i].name));
      auto entry = list[i].initEntry();
      entry.setKind(files[i].kind);
      entry.setMode(files[i].mode);
      entry.setSize(files[i].size);
      entry.setTarget(bytesOf(files[i].target));
      list[i].setUid(files[i].uid);
      list[i].setOwner(files[i].owner.c_str());
    }
    return request.send();
  }
  kj::Promise<void> failed(const std::string& path, Error error) {
    auto request = observer.failedRequest();
    request.initError().setPath(bytesOf(path));
    encode(error, request.getError().initError());
    return request.send().ignoreResult();
  }
  kj::Promise<void> finished(Error error) {
    auto request = observer.finishedRequest();
    encode(error, request.initError());
    return request.send().ignoreResult();
  }
};

class FakeListing final : public schema::Transfer::Server {
 public:
  FakeListing(schema::ListingObserver::Client observer, std::vector<std::string> paths) : tell_{kj::mv(observer)} {
    running_ = start(std::move(paths)).promise().eagerlyEvaluate([](kj::Exception&&) {});
  }

 private:
  // A path `file` is one; `none` is not there; the connection is lost at `lost`; `namesake` has one of its own name in
  // it; anything else is a folder.
  Task<void> start(std::vector<std::string> paths) {
    for (const std::string& path : paths) {
      if (path == "none") {
        co_await tell_.failed(path, {ErrorKind::TRANSFER_FAILED, Reason::NOT_FOUND, ""});
      } else if (path == "file") {
        co_await tell_.files("", {{.name = "file", .size = 5, .mode = 0600}});
      } else if (path == "namesake") {
        co_await tell_.files(path, {{.name = "namesake"}});
      } else if (path == "lost") {
        co_await tell_.finished({ErrorKind::TRANSFER_FAILED, Reason::CONNECTION_LOST, ""});
        co_return;
      } else {
        co_await tell_.files(path, {{.name = "b", .size = 12, .mode = 0644, .uid = 1000}, {.name = ".hidden"}});
        co_await tell_.files(path,
                             {{.name = "a\x1b", .kind = FileKind::LINK, .mode = 0777, .target = "b", .owner = "root"}});
      }
    }
    co_await tell_.finished({ErrorKind::NONE, Reason::UNSPECIFIED, ""});
  }

  Tell tell_;
  kj::Promise<void> running_ = nullptr;
};

struct ListProgram : Program {
  ListProgram() {
    daemon.script.list = [this](Agent::ListParams::Reader asked, Agent::ListResults::Builder to) {
      auto place = asked.getRequest().getPlace();
      std::vector<std::string> paths;
      std::string seen = place.getTarget().cStr();
      for (auto path : place.getPaths()) {
        paths.push_back(textOf(path));
        seen += " " + paths.back();
      }
      asks.push_back(seen);
      to.setListing(kj::heap<FakeListing>(asked.getObserver(), paths));
      return kj::Promise<void>(kj::READY_NOW);
    };
  }
  std::vector<std::string> asks;
};

TEST_CASE("ls prints a name a line, in order, without those that begin with a dot") {
  ListProgram program;
  auto ran = program.run({"ls", "web1"});
  CHECK(ran.code == 0);
  CHECK(ran.out == "a\x1b\nb\n");
  CHECK(program.asks == std::vector<std::string>{"web1 ."});
  CHECK(ListProgram().run({"ls", "-a", "-1", "web1:/x"}).out == ".hidden\na\x1b\nb\n");
}

TEST_CASE("ls -l has what ls -l has") {
  auto out = ListProgram().run({"ls", "-l", "web1:/x"}).out;
  INFO(out);
  CHECK(out.find("lrwxrwxrwx root 0  0 ") == 0);
  CHECK(out.find(" a\x1b -> b\n-rw-r--r-- 1000 0 12 ") != std::string::npos);
}

TEST_CASE("ls of several paths has headings, files first, and one question for each host") {
  ListProgram program;
  auto ran = program.run({"ls", "web1:d", "web1:file", "web1:none"});
  CHECK(ran.code == 248);
  CHECK(ran.out == "file\n\nd:\na\x1b\nb\n");
  CHECK(ran.err == "cbsession: web1: no such file or folder: none. Next: check the path\n");
  CHECK(program.asks == std::vector<std::string>{"web1 d file none"});
  CHECK(ListProgram().run({"ls", "web1:d", "web2:d", "web1:e"}).out ==
        "web1:d:\na\x1b\nb\n\nweb1:e:\na\x1b\nb\n\nweb2:d:\na\x1b\nb\n");
}

TEST_CASE("a folder with one namesake in it is a folder, and what is asked for twice is there once") {
  CHECK(ListProgram().run({"ls", "web1:namesake", "web1:file"}).out == "file\n\nnamesake:\nnamesake\n");
  ListProgram program;
  CHECK(program.run({"ls", "web1:d", "web1:d"}).out == "a\x1b\nb\n");
  CHECK(program.asks == std::vector<std::string>{"web1 d"});
}

TEST_CASE("a host that is lost in a listing is told as such, for each host") {
  auto ran = ListProgram().run({"ls", "web1:lost", "web2:none"});
  CHECK(ran.code == 248);
  CHECK(ran.err ==
        "cbsession: web1: the connection was lost. Next: try again\n"
        "cbsession: web2: no such file or folder: none. Next: check the path\n");
  auto json = ListProgram().run({"ls", "--output", "json", "web1:lost", "web2:none", "web2:lost"}).out;
  INFO(json);
  CHECK(json.find("\"failures\":[{\"path\":\"none\",\"pathBase64\":false,\"error\":{") != std::string::npos);
  CHECK(json.find("},\"host\":\"web2\"}],\"errors\":[{\"host\":\"web1\",\"error\":{") != std::string::npos);
  CHECK(json.find("},{\"host\":\"web2\",\"error\":{\"kind\":\"transferFailed\",\"reason\":\"connectionLost\"") !=
        std::string::npos);
}

TEST_CASE("ndjson of a listing has its failures, too") {
  auto out = ListProgram().run({"ls", "--output", "ndjson", "web1:none", "web1:file", "web1:lost"}).out;
  INFO(out);
  CHECK(std::count(out.begin(), out.end(), '\n') == 3);
  CHECK(out.find("\n{\"event\":\"failed\",\"host\":\"web1\",\"path\":\"none\",\"pathBase64\":false,\"error\":{") !=
        std::string::npos);
  CHECK(out.find(
            "\n{\"event\":\"failed\",\"host\":\"web1\",\"pathBase64\":false,\"error\":{\"kind\":\"transferFailed\"") !=
        std::string::npos);
}

TEST_CASE("ls --output json and ndjson") {
  auto json = ListProgram().run({"ls", "--output", "json", "web1:d", "web1:none"});
  CHECK(json.code == 248);
  INFO(json.out);
  CHECK(json.out.find("{\"listings\":[{\"host\":\"web1\",\"path\":\"d\",\"pathBase64\":false,\"files\":[{") == 0);
  CHECK(json.out.find("\"name\":\"b\",\"nameBase64\":false,\"kind\":\"file\",\"size\":12,\"mode\":\"0644\"") !=
        std::string::npos);
  CHECK(json.out.find("\"failures\":[{\"path\":\"none\"") != std::string::npos);
  auto lines = ListProgram().run({"ls", "--output", "ndjson", "web1:d"}).out;
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  CHECK(lines.find("{\"host\":\"web1\",\"folder\":\"d\",") == 0);
}

TEST_CASE("ls of what is no place is wrong usage") {
  for (const char* place : {"./x", "/etc", ":x", ""}) {
    INFO(place);
    CHECK(ListProgram().run({"ls", place}).code == 2);
  }
}

TEST_CASE("modes and times are written as ls writes them") {
  CHECK(modeText(FileKind::FILE, 0644) == "-rw-r--r--");
  CHECK(modeText(FileKind::DIRECTORY, 01777) == "drwxrwxrwt");
  CHECK(modeText(FileKind::DIRECTORY, 01776) == "drwxrwxrwT");
  CHECK(modeText(FileKind::FILE, 06711) == "-rws--s--x");
  CHECK(modeText(FileKind::FILE, 06600) == "-rwS--S---");
  CHECK(modeText(FileKind::OTHER, 0600) == "?rw-------");
  setenv("TZ", "UTC", 1);
  tzset();
  constexpr int64_t kNow = 1'700'000'000;  // 2023-11-14 22:13:20
  CHECK(listedTime(kNow - 60, kNow) == "Nov 14 22:12");
  CHECK(listedTime(1'677'000'000, kNow) == "Feb 21  2023");
  CHECK(listedTime(kNow + 60, kNow) == "Nov 14  2023");
  unsetenv("TZ");
  tzset();
}

TEST_CASE("names cannot write to a terminal, and are raw otherwise") {
  Listing listing{.host = "web1"};
  listing.folders.push_back({"d", {{.name = "a\x1b[2J"}}});
  CHECK(listingText(listing, {.terminal = true}) == "a?[2J\n");
  CHECK(listingText(listing, {}) == "a\x1b[2J\n");
}

}  // namespace
}  // namespace cbs::cli
