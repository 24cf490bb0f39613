#include "cli/transfer/byte_rate.h"
#include "cli/transfer/transfer_places.h"
#include "tests/unit/cli/fake_transfers.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("rates have units of powers of 1024") {
  CHECK(parseByteRate("1000").value() == 1000);
  CHECK(parseByteRate("512k").value() == 512 * 1024);
  CHECK(parseByteRate("10M").value() == 10 << 20);
  CHECK(parseByteRate("10MiB/s").value() == 10 << 20);
  CHECK(parseByteRate("1.5G").value() == 3ull << 29);
  for (const char* text : {"", "M", "10MB", "10X", "-1", "1.2.3", "0", "1e3", "1.", "99999999G"}) {
    INFO(text);
    CHECK_FALSE(parseByteRate(text).has_value());
  }
}

TransferPlaces places(std::vector<std::string> words, Direction direction) {
  auto read = readPlaces(words, direction);
  INFO((read ? "" : read.error()));
  REQUIRE(read.has_value());
  return *read;
}

TEST_CASE("either side of a copy may be on a host") {
  CHECK(places({"a", "b/", "web1:c"}, Direction::upload) == TransferPlaces{"", {"a", "b/"}, "web1", "c"});
  CHECK(places({"web1:a", "web1:b", "."}, Direction::download) == TransferPlaces{"web1", {"a", "b"}, "", "."});
  CHECK(places({"web1:a", "[web2:22]:b"}, Direction::copy) == TransferPlaces{"web1", {"a"}, "web2:22", "b"});
  CHECK(places({"./a:b", "web1:"}, Direction::copy) == TransferPlaces{"", {"./a:b"}, "web1", "."});
}

TEST_CASE("places that make no sense are told why") {
  auto problem = [](std::vector<std::string> words, Direction direction) {
    auto read = readPlaces(words, direction);
    return read ? "" : read.error();
  };
  CHECK(problem({"a"}, Direction::upload) == "a destination is missing");
  CHECK(problem({"a", ""}, Direction::upload) == "a path is empty");
  CHECK(problem({"a", "b"}, Direction::copy).find("there is cp") != std::string::npos);
  CHECK(problem({"a", "b"}, Direction::upload) == "'b' is not TARGET:DEST");
  CHECK(problem({"a:b", "web1:c"}, Direction::upload).find("./NAME") != std::string::npos);
  CHECK(problem({"a", "b"}, Direction::download) == "'a' is not TARGET:SRC");
  CHECK(problem({"web1:a", "web2:b"}, Direction::download).find("cbsession copy") != std::string::npos);
  CHECK(problem({"web1:a", "web2:b", "c"}, Direction::download) ==
        "all SRC must be in one place, not on web1 and on web2");
  CHECK(problem({"a", "web2:b", "web3:c"}, Direction::copy) ==
        "all SRC must be in one place, not on this machine and on web2");
}

TEST_CASE("a target may be a node set, in brackets if it has colons") {
  auto target = [](const std::string& word) { return places({"a", word}, Direction::upload).toTarget; };
  CHECK(target("web[1-3]:/srv") == "web[1-3]");
  CHECK(target("@web:/srv") == "@web");
  CHECK(target("me@web[1-3],db1:/srv/a:b") == "me@web[1-3],db1");
  CHECK(target("[web[1-3]:2222]:/srv") == "web[1-3]:2222");
  CHECK(target("[@racks:r1]:/srv") == "@racks:r1");
  CHECK(target("@racks:r1:/srv/a:b") == "@racks:r1");
  CHECK(target("web1,me@@racks:r[1-2]!db1:2222:srv") == "web1,me@@racks:r[1-2]!db1:2222");
  CHECK(places({"a", "@web:srv"}, Direction::upload).to == "srv");
  CHECK(places({"a", "@web:./a:b"}, Direction::upload).to == "./a:b");
}

TEST_CASE("where the hosts are in a file, the destination begins with its colon") {
  CHECK(readPlacesWithoutTarget({"a", "b", ":/srv"}).value() == TransferPlaces{"", {"a", "b"}, "", "/srv"});
  CHECK(readPlacesWithoutTarget({"a", ":"}).value() == TransferPlaces{"", {"a"}, "", "."});
  CHECK(readPlacesWithoutTarget({"a", "web1:/srv"}).error() ==
        "'web1:/srv' is not :DEST, whose hosts are those of --hosts-file");
  CHECK(readPlacesWithoutTarget({"a"}).error() == "a destination is missing");
}

TEST_CASE("what takes one host says so of a node set, and how to do it for each") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"download", "a,b:/f", "."},
                                                                 {"copy", "f", "a,b:/f"},
                                                                 {"copy", "a,b:/f", "c:/f"},
                                                                 {"ls", "a,b:/f"},
                                                                 {"explain", "a,b"},
                                                                 {"disconnect", "a,b"},
                                                                 {"breaker", "reset", "a,b"}}) {
    TransferProgram program;
    auto ran = program.run(words);
    INFO(words[0]);
    CHECK(ran.code == 2);
    CHECK(ran.err.find("'a,b' stands for many hosts, and " + words[0]) != std::string::npos);
    CHECK(ran.err.find("cbsession nodes -e 'a,b'") != std::string::npos);
  }
}

TEST_CASE("files that are not here are told once, before any host gets something") {
  TransferProgram program;
  auto ran = program.run({"upload", "/nowhere/to/be/found", "a,b:/srv"});
  CHECK(ran.code == 248);
  CHECK(ran.out.empty());
  CHECK(ran.err == "cbsession: no such file or folder: /nowhere/to/be/found. Next: check the path\n");
}

TEST_CASE("a place is named as it would be typed") {
  CHECK(placeName("", "a:b") == "a:b");
  CHECK(placeName("me@web1", "/srv") == "me@web1:/srv");
  CHECK(placeName("web1:2222", "/srv") == "[web1:2222]:/srv");
  CHECK(placeName("[::1]", "f") == "[::1]:f");
  CHECK(placeName("me@[::1]:2222", "f") == "[me@[::1]:2222]:f");
}

TEST_CASE("options that make no sense together are wrong usage, and nothing is asked of the daemon") {
  for (const auto& options : std::vector<std::vector<std::string>>{{"--delete"},
                                                                   {"--exclude", "*.o"},
                                                                   {"-r", "--exclude", ""},
                                                                   {"-n", "--verify"},
                                                                   {"-q", "-v"},
                                                                   {"-v", "--output", "json"},
                                                                   {"--streams", "0"},
                                                                   {"--streams", "65"},
                                                                   {"--limit-rate", "fast"},
                                                                   {"--limit-rate", ""},
                                                                   {"--output", "xml"}}) {
    TransferProgram program;
    bool asked = false;
    program.ask = [&](auto) { asked = true; };
    std::vector<std::string> words{"upload", "a", "web1:"};
    words.insert(words.begin() + 1, options.begin(), options.end());
    auto ran = program.run(words);
    INFO(options[0]);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err.find("Next: cbsession upload --help\n") != std::string::npos);
    CHECK_FALSE(asked);
  }
}

TEST_CASE("the request says what is to be moved, and how") {
  TransferProgram program;
  std::string told;
  program.ask = [&](schema::TransferRequest::Reader request) {
    auto from = request.getFrom().getHost();
    auto to = request.getTo().getHost();
    auto options = request.getOptions();
    told = kj::str(from.getTarget(), " ", textOf(from.getPaths()[1]), " ", to.getTarget(), " ",
                   textOf(to.getPaths()[0]), " ", options.getRecursive(), options.getFollowLinks(), options.getDelete(),
                   options.getChecksum(), options.getResume(), options.getVerify(), options.getPreserve(),
                   options.getFsync(), options.getDryRun(), options.getTellAll(), " ", textOf(options.getExclude()[1]),
                   " ", options.getStreams(), " ", options.getLimitRate(), " ", request.getConnectTimeoutMs())
               .cStr();
  };
  auto ran = program.run({"copy",      "-r",           "-L",     "--delete",          "-c",        "--resume",
                          "--verify",  "-p",           "-v",     "--fsync",           "--exclude", "*.o",
                          "--exclude", "a b",          "web1:a", "web1:b*",           "web2:/c",   "--streams",
                          "7",         "--limit-rate", "1M",     "--connect-timeout", "2s"});
  CHECK(ran.code == 0);
  CHECK(told == "web1 b* web2 /c truetruetruetruetruetruetruetruefalsetrue a b 7 1048576 2000");
}

TEST_CASE("a caller's files are offered, not named") {
  TransferProgram program;
  bool source = false, sink = false;
  program.ask = [&](schema::TransferRequest::Reader request) {
    source = request.getFrom().isCaller();
    sink = request.getTo().isCaller();
  };
  CHECK(program.run({"upload", "a", "web1:"}).code == 0);
  CHECK((source && !sink));
  CHECK(program.run({"download", "web1:a", "."}).code == 0);
  CHECK((!source && sink));
}

}  // namespace
}  // namespace cbs::cli
