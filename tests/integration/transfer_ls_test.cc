// `cbsession ls`.
#include "tests/support/transfer_lab.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

struct ListLab : TransferLab {
  ListLab() {
    makeRemoteFolder("d/sub");
    writeRemote("d/b", "12345", 0640);
    writeRemote("d/B", "");
    writeRemote("d/.hidden", "");
    writeRemote("d/a b", "");
    exec("ln -s b " + remote("d/link"));
    setMtime(remote("d/b"), 1'000'000'000);
  }
  CliResult ls(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "ls");
    return agent.cli(arguments);
  }
};

TEST_CASE("ls prints the names in a folder, sorted as bytes, hidden ones with -a", "[transfer][ls]") {
  ListLab lab;
  CHECK(lab.ls({lab.web1("d")}).out == "B\na b\nb\nlink\nsub\n");
  CHECK(lab.ls({"-1", lab.web1("d")}).out == "B\na b\nb\nlink\nsub\n");
  CHECK(contains(lab.ls({"-a", lab.web1("d")}).out, ".hidden\n"));
}

TEST_CASE("ls lists a file as itself, and with -d a folder too", "[transfer][ls]") {
  ListLab lab;
  CHECK(lab.ls({lab.web1("d/b")}).out == lab.remote("d/b") + "\n");
  CHECK(lab.ls({"-d", lab.web1("d")}).out == lab.remote("d") + "\n");
}

TEST_CASE("ls lists a folder in which there is one of its own name", "[transfer][ls]") {
  ListLab lab;
  lab.writeRemote("same/same", "1");
  CHECK(lab.ls({lab.web1("same")}).out == "same\n");
  auto both = lab.ls({lab.web1("same"), lab.web1("d/b")}).out;
  CHECK(both == lab.remote("d/b") + "\n\n" + lab.remote("same") + ":\nsame\n");
}

TEST_CASE("ls -l has mode, owner, size and what a link leads to", "[transfer][ls]") {
  ListLab lab;
  std::string out = lab.ls({"-l", lab.web1("d")}).out;
  CAPTURE(out);
  CHECK(contains(out, "-rw-r-----"));
  CHECK(contains(out, "drwx"));
  CHECK(contains(out, "link -> b\n"));
  CHECK(contains(out, lab.sshd.user()));
  CHECK(contains(out, " 5 "));
  CHECK(contains(out, "2001"));
}

TEST_CASE("ls without a path lists the home folder", "[transfer][ls]") {
  ListLab lab;
  std::string name = "cbs-ls-test-" + std::to_string(getpid());
  lab.exec("touch ~/" + name);
  CHECK(contains(lab.ls({"web1"}).out, name + "\n"));
  CHECK(contains(lab.ls({"web1:"}).out, name + "\n"));
  lab.exec("rm -f ~/" + name);
}

TEST_CASE("ls gives several folders a heading each, and says what is missing", "[transfer][ls]") {
  ListLab lab;
  auto result = lab.ls({lab.web1("d/sub"), lab.web1("missing"), lab.web1("d")});
  CHECK(result.code == 248);
  CHECK(contains(result.out, lab.remote("d") + ":\n"));
  CHECK(contains(result.out, lab.remote("d/sub") + ":\n"));
  CHECK(contains(result.out, "B\n"));
  CHECK(contains(result.err, lab.remote("missing")));
}

TEST_CASE("ls prints names that are no text as they are, and JSON that can be read", "[transfer][ls]") {
  ListLab lab;
  lab.writeRemote("odd/\xff\n\"x", "1");
  CHECK(lab.ls({lab.web1("odd")}).out == "\xff\n\"x\n");
  std::string json = lab.ls({"--output", "json", lab.web1("d")}).out;
  std::string file = lab.agent.folder().write("list.json", json);
  CHECK(runProgram({"python3", "-c", "import json, sys; json.load(open(sys.argv[1]))", file}) == "");
  CHECK(contains(json, "\"a b\""));
  CHECK(numberIn(json, "size") >= 0);
  file = lab.agent.folder().write("odd.json", lab.ls({"--output", "json", lab.web1("odd")}).out);
  CHECK(runProgram({"python3", "-c", "import json, sys; json.load(open(sys.argv[1]))", file}) == "");
}

TEST_CASE("ls of ten thousand files prints them all", "[transfer][ls]") {
  ListLab lab;
  lab.exec("mkdir " + lab.remote("many") + " && cd " + lab.remote("many") + " && seq 10000 | xargs touch");
  CHECK(count(lab.ls({lab.web1("many")}).out, "\n") == 10'000);
}

TEST_CASE("ls of a host that is lost, and of a folder that is closed, is said", "[transfer][ls]") {
  ListLab lab;
  lab.exec("chmod 0 " + lab.remote("d/sub"));
  auto closed = lab.ls({lab.web1("d/sub")});
  CHECK(closed.code == 248);
  CHECK(contains(closed.err, "sub"));
  lab.exec("chmod 700 " + lab.remote("d/sub"));
  lab.sshd.kill();
  CHECK(lab.ls({lab.web1("d")}).code == 241);
}

}  // namespace
}  // namespace cbs::test
