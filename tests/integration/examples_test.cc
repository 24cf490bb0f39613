// The examples of packaging/examples, run for real.
#include "tests/support/failure.h"
#include "tests/support/private_agent.h"
#include "tests/support/text.h"

#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace cbs::test {
namespace {

constexpr milliseconds kLongJob = 3 * kSoon;  // dozens of programs, one after the other
constexpr int kSkipped = 77;

const std::string kExamples = std::string(CBS_SOURCE) + "/packaging/examples";

// Three names of one machine, as the group @web, which share what is deployed: a host at a time, they do not disturb
// each other. A release's check fails on web2 if the release has a file `broken`.
class Ground {
 public:
  Ground() : root_(sshd_.remoteFolder() + "/app") {
    for (const char* name : {"web1", "web2", "web3"}) {
      agent_.addHost(name, sshd_, std::string("SetEnv NAME=") + name);
    }
    std::filesystem::create_directory(work_.path("deploy"));
    std::filesystem::create_symlink(kExamples + "/deploy.sh", work_.path("deploy/deploy.sh"));
    work_.write("deploy/groups.toml", "[groups]\nweb = \"web[1-3]\"\n");
  }

  PrivateAgent& agent() { return agent_; }
  const std::string& root() const { return root_; }
  const Sshd& sshd() const { return sshd_; }

  // Makes NAME.tar.gz in the working folder and gives its path.
  std::string pack(const std::string& name, bool broken = false) const {
    TempFolder content;
    content.write("check",
                  "#!/bin/sh\n[ ! -e \"$(dirname \"$0\")/broken\" ] || [ \"$NAME\" != web2 ] || " +
                      std::string("{ echo \"$NAME is broken\" >&2; exit 7; }\n"),
                  0755);
    if (broken) content.write("broken", "");
    std::string archive = work_.path(name + ".tar.gz");
    runProgram({"tar", "-czf", archive, "-C", content.path(), "."});
    return archive;
  }

  // Runs a program in the working folder, in which `cbsession` is the one that is tested.
  CliResult run(std::vector<std::string> argv, Environment variables) const {
    Program program = agent_.cliProgram({}, std::move(variables));
    std::string folder = std::filesystem::path(program.argv[0]).parent_path();
    auto& environment = *program.environment;
    environment["PATH"] = folder + ":" + environment["PATH"];
    environment["DEPLOY_ROOT"] = root_;
    environment["DEPLOY_BATCH"] = "1";
    argv.insert(argv.begin(), {"/usr/bin/env", "-C", work_.path()});
    program.argv = std::move(argv);
    return CliProcess(std::move(program)).finish(kLongJob);
  }

  CliResult deploy(const std::string& archive) const {
    return run({kExamples + "/deploy.sh", archive}, {{"CBSESSION_GROUPS", work_.path("deploy/groups.toml")}});
  }

  // A CI's job, which starts a daemon of its own. But for the hosts and the place, all is as in the example.
  CliResult runWorkflow(const std::string& file, Environment variables) const {
    variables["CBSESSION_AUTOSTART"] = "1";
    return run({"/usr/bin/python3", std::string(CBS_SOURCE) + "/tests/support/run_workflow", kExamples + "/" + file,
                "User deploy", "Include " + agent_.sshConfigFile(), "/srv/app", root_},
               std::move(variables));
  }

  // The release that is in use.
  std::string current() const { return std::filesystem::read_symlink(root_ + "/current").filename(); }
  std::string path(const std::string& name) const { return work_.path(name); }
  // No other process may look for a socket there; short, as the path of one has to be.
  std::string temporaryFolder() const { return agent_.folder().makeFolder("tmp"); }

 private:
  Sshd sshd_;
  PrivateAgent agent_;
  TempFolder work_;
  std::string root_;
};

void requireJq() {
  if (access("/usr/bin/jq", X_OK) != 0) SKIP("jq is not installed (packaging/install-deps --tests)");
}

TEST_CASE("deploy.sh brings a release to all hosts, and takes one back that does not work on one of them") {
  requireJq();
  Ground ground;
  ground.agent().start();
  auto first = ground.deploy(ground.pack("v1"));
  INFO(first.out << first.err);
  REQUIRE(first.code == 0);
  CHECK(contains(first.err, "v1 is in use"));
  CHECK(ground.current() == "v1");

  auto second = ground.deploy(ground.pack("v2", true));
  INFO(second.out << second.err);
  CHECK(second.code == 7);
  CHECK(contains(second.err, "web2: web2 is broken"));
  CHECK(contains(second.err, "taking it back on web[1-2]"));
  CHECK(ground.current() == "v1");
}

TEST_CASE("deploy.sh changes nothing when a host cannot be reached") {
  requireJq();
  Ground ground;
  ground.agent().addUnknownHost("web4", 9);
  ground.agent().start();
  auto result = ground.run({kExamples + "/deploy.sh", ground.pack("v1"), "web[1-4]"}, {});
  CHECK(result.code >= 241);
  CHECK_FALSE(std::filesystem::exists(ground.root() + "/current"));
}

void checkWorkflow(const Ground& ground, const CliResult& result) {
  if (result.code == kSkipped) SKIP("PyYAML is not installed (packaging/install-deps --tests)");
  INFO(result.out << result.err);
  REQUIRE(result.code == 0);
  CHECK(ground.current() == "app-4711");
  std::string report = readFile(ground.path("check.xml"));
  CHECK(contains(report, "name=\"web3\""));
  CHECK_FALSE(contains(report, "<failure"));
}

TEST_CASE("The example for GitHub Actions does what it says") {
  requireJq();
  Ground ground;
  ground.pack("app-4711");
  auto result = ground.runWorkflow("github-actions.yml", {{"GITHUB_SHA", "4711"},
                                                          {"GITHUB_ACTIONS", "true"},
                                                          {"RUNNER_TEMP", ground.temporaryFolder()},
                                                          {"DEPLOY_SSH_KEY", readFile(ground.sshd().keyFile())},
                                                          {"DEPLOY_KNOWN_HOSTS", ground.sshd().knownHosts()}});
  checkWorkflow(ground, result);
  CHECK_FALSE(std::filesystem::exists(ground.agent().folder().path("tmp/cbsession/ssh-agent.sock")));
}

TEST_CASE("The example for GitLab CI does what it says") {
  requireJq();
  Ground ground;
  ground.pack("app-4711");
  auto result = ground.runWorkflow("gitlab-ci.yml", {{"CI_COMMIT_SHA", "4711"},
                                                     {"CI_JOB_ID", std::to_string(getpid())},
                                                     {"CI_PROJECT_DIR", ground.path("")},
                                                     {"DEPLOY_SSH_KEY", ground.sshd().keyFile()},
                                                     {"DEPLOY_KNOWN_HOSTS", ground.agent().knownHostsFile()}});
  checkWorkflow(ground, result);
  CHECK_FALSE(std::filesystem::exists("/tmp/cbsession-" + std::to_string(getpid())));
}

}  // namespace
}  // namespace cbs::test
