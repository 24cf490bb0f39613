// The programs that people have, with `cbsession ssh` in ssh's place: each over one pooled connection.
#include "tests/support/ssh_tool_lab.h"
#include "tests/support/text.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace cbs::test {
namespace {

// What went over the pool did not go by the real ssh, nor by connections of its own.
void checkPooled(const SshToolLab& lab) {
  CHECK(lab.handedOver() == "");
  CHECK(count(lab.sshd.log(), "Accepted publickey") == 1);
}

void require(const CliResult& result) {
  INFO(result.out);
  INFO(result.err);
  REQUIRE(result.code == 0);
}

TEST_CASE("git clones, pushes and fetches, in its second protocol") {
  if (!isInstalled("git")) SKIP("there is no git");
  SshToolLab lab({.lines = {"AcceptEnv GIT_PROTOCOL"}});
  const Environment environment = {
      {"GIT_SSH_COMMAND", lab.words()},       {"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_AUTHOR_NAME", "a"},
      {"GIT_AUTHOR_EMAIL", "a@example"},      {"GIT_COMMITTER_NAME", "a"},        {"GIT_COMMITTER_EMAIL", "a@example"},
      {"GIT_TRACE_PACKET", lab.here("trace")}};
  auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "git");
    require(lab.run(words, environment));
  };
  REQUIRE(lab.exec("git init -q --bare -b main '" + lab.there("repo.git") + "'").code == 0);
  git({"clone", "-q", "web1:" + lab.there("repo.git"), "one"});
  lab.agent.folder().write("one/file", "first\n");
  git({"-C", "one", "add", "file"});
  git({"-C", "one", "commit", "-q", "-m", "first"});
  git({"-C", "one", "push", "-q", "origin", "HEAD:main"});
  git({"clone", "-q", "ssh://web1" + lab.there("repo.git"), "two"});
  CHECK(readFile(lab.here("two/file")) == "first\n");
  git({"-C", "two", "fetch", "-q"});
  CHECK(contains(readFile(lab.here("trace")), "< version 2"));
  checkPooled(lab);
}

TEST_CASE("rsync copies 20 MB there and back, and deletes what is no longer there") {
  if (!isInstalled("rsync")) SKIP("there is no rsync");
  SshToolLab lab;
  lab.agent.folder().makeFolder("from");
  runProgram(
      {"sh", "-c",
       "head -c 20000000 /dev/urandom >'" + lab.here("from/big") + "'; echo a >'" + lab.here("from/a file") + "'"});
  require(lab.run({"rsync", "-a", "-e", lab.words(), "from/", "web1:" + lab.there("to")}));
  require(lab.exec("rm '" + lab.there("to/a file") + "'; echo more >'" + lab.there("to/more") + "'"));
  require(lab.run({"rsync", "-a", "--delete", "--checksum", "-e", lab.words(), "web1:" + lab.there("to/"), "from/"}));
  CHECK(runProgram({"ls", lab.here("from")}) == "big\nmore\n");
  CHECK(lab.exec("cat '" + lab.there("to/big") + "'").out == readFile(lab.here("from/big")));
  checkPooled(lab);
}

TEST_CASE("scp and sftp use it as their program") {
  if (!isInstalled("scp") || !isInstalled("sftp")) SKIP("there is no scp or sftp");
  SshToolLab lab;
  lab.agent.folder().write("a file", "content\n");
  require(lab.run({"scp", "-q", "-S", lab.linkedProgram(), "a file", "web1:" + lab.there("one")}));
  require(lab.run({"scp", "-q", "-O", "-S", lab.linkedProgram(), "web1:" + lab.there("one"), "two"}));
  CHECK(readFile(lab.here("two")) == "content\n");
  auto batch = "put two " + lab.there("three") + "\nget " + lab.there("three") + " four\n";
  require(lab.run({"sftp", "-q", "-b", "-", "-S", lab.linkedProgram(), "web1"}, {}, batch));
  CHECK(readFile(lab.here("four")) == "content\n");
  checkPooled(lab);
}

TEST_CASE("Ansible runs its modules, with pipelining and without", "[.ansible]") {
  if (!isInstalled("ansible-playbook")) SKIP("there is no Ansible");
  SshToolLab lab;
  lab.agent.folder().write("file.txt", "copied\n");
  lab.agent.folder().write("template.j2", "{{ greeting }}\n");
  auto way = GENERATE(std::string("True"), std::string("False"));
  lab.agent.folder().write("site.yml",
                           "- hosts: web1\n  gather_facts: false\n  vars: {greeting: hello}\n  tasks:\n"
                           "    - copy: {src: file.txt, dest: " +
                               lab.there("copied") +
                               "}\n"
                               "    - template: {src: template.j2, dest: " +
                               lab.there("made") +
                               "}\n"
                               "    - command: cat " +
                               lab.there("copied") + " " + lab.there("made") +
                               "\n"
                               "      register: told\n    - debug: {var: told.stdout_lines}\n");
  auto result = lab.run({"ansible-playbook", "-i", "web1,", "site.yml"},
                        {{"ANSIBLE_SSH_EXECUTABLE", lab.linkedProgram()},
                         {"ANSIBLE_SSH_TRANSFER_METHOD", "piped"},
                         {"ANSIBLE_PIPELINING", way},
                         {"ANSIBLE_NOCOLOR", "1"},
                         {"ANSIBLE_LOCALHOST_WARNING", "False"}},
                        "", milliseconds(60'000));
  require(result);
  CHECK(contains(result.out, "\"copied\""));
  CHECK(contains(result.out, "\"hello\""));
  checkPooled(lab);
}

}  // namespace
}  // namespace cbs::test
