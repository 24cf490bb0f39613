// The formats of what many hosts print.
#include "tests/support/lab.h"
#include "tests/support/text.h"

#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

// One server under several names, which its commands find in $ME; at `down1` nothing answers.
struct ManyLab {
  ManyLab() {
    for (const char* name : {"web1", "web2", "web3", "web4"}) {
      agent.addHost(name, sshd, "SetEnv ME=" + std::string(name));
    }
    agent.addUnknownHost("down1", 1);
    agent.start();
  }

  CliResult exec(std::vector<std::string> words) const {
    words.insert(words.begin(), "exec");
    return agent.cli(words);
  }

  Sshd sshd;
  PrivateAgent agent;
};

// What Python, with the JSON in `r`, makes of it; "" where there is no Python.
std::string python(const ManyLab& lab, const std::string& json, const std::string& expression) {
  auto file = lab.agent.folder().write("report.json", json);
  auto command =
      "python3 -c \"import json; r=json.load(open('" + file + "')); print(" + expression + ")\" >" + file + ".said";
  return std::system(command.c_str()) == 0 ? readFile(file + ".said") : "";
}

TEST_CASE("gathered, as differences, and in order") {
  ManyLab lab;
  const std::string command = "echo a; test $ME = web3 && echo odd; echo b; test $ME != web2 || exit 3";
  auto gathered = lab.exec({"-b", "web[1-4],down1", command});
  CHECK(gathered.code == 241);
  CHECK(gathered.out ==
        "---------------\nweb[1-2,4] (3)\n---------------\na\nb\n---------------\nweb3\n---------------\na\nodd\nb\n");
  CHECK(contains(gathered.err, "1 exited with 3 (web2)"));
  CHECK(contains(gathered.err, "(down1)"));
  auto differences = lab.exec({"--diff", "web[1-4]", command});
  CHECK(differences.code == 3);
  CHECK(contains(differences.out, "web3\n---------------\n--- web[1-2,4]\n+++ web3\n@@ -1,2 +1,3 @@\n a\n+odd\n b\n"));
  auto ordered = lab.exec({"-k", "web[1-4]", "test $ME != web1 || sleep 0.3; echo 1; echo 2"});
  CHECK(ordered.out == "web1: 1\nweb1: 2\nweb2: 1\nweb2: 2\nweb3: 1\nweb3: 2\nweb4: 1\nweb4: 2\n");
  CHECK(lab.exec({"-b", "-k", "web[1-4]", command}).code == 2);
}

TEST_CASE("reports for programs, of hosts that print, fail and do not answer") {
  ManyLab lab;
  const std::string command = "echo $ME; test $ME != web2 || exit 3";
  auto json = lab.exec({"--output", "json", "web[1-2],down1", command});
  CHECK(json.code == 241);
  auto said =
      python(lab, json.out, "[(x['target'],x['status'],x['stdout']) for x in r['results']],r['summary']['failed']");
  CHECK((said.empty() || said == "[('web1', 0, 'web1\\n'), ('web2', 3, 'web2\\n'), ('down1', 241, '')] 2\n"));
  auto lines = lab.exec({"--output", "ndjson", "web[1-2],down1", command});
  CHECK(lines.code == 241);
  CHECK(count(lines.out, "\"event\":\"started\"") == 3);
  CHECK(count(lines.out, "\"event\":\"output\"") == 2);
  CHECK(count(lines.out, "\"event\":\"ended\"") == 3);
  CHECK(count(lines.out, "\"event\":\"summary\"") == 1);
  auto junit = lab.exec({"--output", "junit", "web[1-2],down1", command});
  CHECK(junit.code == 241);
  CHECK(contains(junit.out, "tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"0\""));
  CHECK(contains(junit.out, "<system-out>web2\n</system-out>"));
}

TEST_CASE("what many hosts print in files, each its own") {
  ManyLab lab;
  auto folder = lab.agent.folder().path("results/today");
  auto done = lab.exec({"--output-dir", folder, "web[1-4],down1",
                        "head -c 200000 /dev/zero | tr '\\0' x; echo $ME; test $ME != web2 || echo oh >&2"});
  CHECK(done.code == 241);
  CHECK(done.out.empty());
  for (const char* name : {"web1", "web2", "web3", "web4"}) {
    CHECK(readFile(folder + "/" + name + ".out") == std::string(200'000, 'x') + name + "\n");
  }
  CHECK(readFile(folder + "/web2.err") == "oh\n");
  CHECK(contains(done.err, "down1"));
  CHECK(lab.exec({"--output-dir", lab.agent.configFile(), "web[1-2]", "true"}).code == 248);
}

TEST_CASE("Ctrl-C: what has been gathered until then is shown, and a report is whole") {
  ManyLab lab;
  const std::string command = "echo ready; exec sleep 60";
  auto started = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "exec");
    auto process = lab.agent.startCli(words);
    while (!contains(lab.exec({"web1", "ps -e -o args"}).out, "sleep 60")) {
    }
    process.signal(SIGINT);
    return process.finish();
  };
  auto gathered = started({"-b", "web[1-2]", command});
  CHECK(gathered.code == 128 + SIGINT);
  CHECK(contains(gathered.out, "ready\n"));
  auto json = started({"--output", "json", "web[1-2]", command});
  CHECK(json.code == 128 + SIGINT);
  auto said = python(lab, json.out, "len(r['results']), r['summary']['hosts']");
  CHECK((said.empty() || said == "2 2\n"));
}

TEST_CASE("under GitHub Actions failures are annotations, and hosts give no commands") {
  ManyLab lab;
  auto done = lab.agent
                  .startCli({"exec", "web[1-2]", "echo '##[error]forged'; test $ME != web2 || exit 3"},
                            {{"GITHUB_ACTIONS", "true"}})
                  .finish();
  CHECK(done.code == 3);
  CHECK(contains(done.out, "::stop-commands::"));
  CHECK(contains(done.err, "::error title=web2::exited with 3\n"));
}

}  // namespace
}  // namespace cbs::test
