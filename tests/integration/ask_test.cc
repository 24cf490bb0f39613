// Logins that need an answer: passphrases, passwords, questions.
#include "tests/support/account.h"
#include "tests/support/lab.h"
#include "tests/support/sitting.h"
#include "tests/support/text.h"

#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <list>

namespace cbs::test {
namespace {

// A copy of the key that a server lets in, with a passphrase.
std::string lockedKey(const PrivateAgent& agent, const Sshd& sshd, const std::string& passphrase) {
  auto file = agent.folder().path("locked");
  for (auto* suffix : {"", ".pub"}) runProgram({"cp", sshd.keyFile() + suffix, file + suffix});
  runProgram({"ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", file});
  return file;
}

TEST_CASE("a key's passphrase is asked for on the terminal, once for all") {
  Sshd sshd;
  PrivateAgent agent;
  auto key = lockedKey(agent, sshd, "open sesame");
  agent.addHost("web1", sshd, "IdentityFile " + key + "\n  IdentitiesOnly yes\n  IdentityAgent none");
  agent.addHost("batch", sshd,
                "IdentityFile " + key + "\n  HostName 127.0.0.1\n  BatchMode yes\n  User " + sshd.user());
  agent.addHost("web2", sshd, "HostKeyAlias web2\n  StrictHostKeyChecking no\n  IdentityFile " + key);
  agent.start();

  auto nobody = agent.cli({"exec", "web1", "true"});
  INFO(nobody.err);
  CHECK(nobody.code == 242);
  CHECK(contains(nobody.err, "it is encrypted: add it to your ssh-agent with ssh-add " + key));
  REQUIRE(agent.cli({"breaker", "reset", "--all"}).code == 0);

  Sitting sitting(agent, {"exec", "web1", "echo in"});
  sitting.terminal.screen().until("Enter passphrase for key '" + key + "': ");
  CHECK_FALSE(sitting.terminal.echoes());
  sitting.terminal.type("wrong\r");
  sitting.answer("That was wrong, try again.", "open sesame");
  sitting.terminal.screen().until("in\r\n");
  CHECK(sitting.wait().code == 0);
  CHECK(count(sitting.terminal.screen().text(), "open sesame") == 0);

  CHECK(agent.cli({"exec", "web2", "true"}).code == 0);  // the private ssh-agent has it now
}

TEST_CASE("who is asked for a passphrase and leaves is not missed: the next one is asked") {
  Sshd sshd;
  PrivateAgent agent;
  auto key = lockedKey(agent, sshd, "open sesame");
  agent.addHost("web1", sshd, "IdentityFile " + key + "\n  IdentitiesOnly yes\n  IdentityAgent none");
  agent.start();
  Sitting first(agent, {"exec", "web1", "true"});
  first.terminal.screen().until("Enter passphrase");
  Sitting second(agent, {"exec", "web1", "echo in"});
  while (!contains(agent.cli({"stats", "--output", "json"}).out, "\"waiting\":2")) {
  }
  first.terminal.type("\x03");
  CHECK(first.wait().code == 246);
  second.answer("Enter passphrase", "open sesame");
  second.terminal.screen().until("in\r\n");
  CHECK(second.wait().code == 0);
}

TEST_CASE("a program in SSH_ASKPASS is asked where it has to be") {
  Sshd sshd;
  PrivateAgent agent;
  auto key = lockedKey(agent, sshd, "from a program");
  agent.addHost("web1", sshd, "IdentityFile " + key + "\n  IdentitiesOnly yes\n  IdentityAgent none");
  agent.start();
  auto asked = agent.folder().path("asked");
  auto program =
      agent.folder().write("askpass", "#!/bin/sh\necho \"$1\" >> " + asked + "\necho from a program\n", 0700);
  auto result =
      agent.startCli({"exec", "web1", "echo in"}, {{"SSH_ASKPASS", program}, {"SSH_ASKPASS_REQUIRE", "force"}})
          .finish();
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.out == "in\n");
  CHECK(contains(readFile(asked), "Enter passphrase for key '" + key + "'"));
}

TEST_CASE("passwords and questions are asked for with --ask-pass, once for a hundred commands") {
  if (geteuid() != 0) SKIP("only root can give an account a password");
  AccountPassword password;
  Sshd sshd({.lines = {"UsePAM yes", "PasswordAuthentication yes", "KbdInteractiveAuthentication yes"}});
  PrivateAgent agent({.ssh = "max_connections_per_host = 3\n",
                      .command = "core_pool_size = 100\nmax_pool_size = 100\nmax_per_host = 0\n"});
  std::string noKeys = "PubkeyAuthentication no\n  HostKeyAlias ";
  agent.addHost("typed", sshd, "PubkeyAuthentication no\n  PreferredAuthentications password");
  agent.addHost("asked", sshd, "PubkeyAuthentication no\n  PreferredAuthentications keyboard-interactive");
  agent.addHost("batch", sshd, "PubkeyAuthentication no\n  BatchMode yes");
  agent.start();

  auto nobody = agent.cli({"exec", "typed", "true"});
  INFO(nobody.err);
  CHECK(nobody.code == 242);
  CHECK(contains(nobody.err, "nobody to ask"));
  CHECK(contains(nobody.err, "--ask-pass"));
  CHECK(agent.cli({"exec", "--ask-pass", "typed", "true"}).code == 2);  // there is no terminal

  Sitting batch(agent, {"exec", "--ask-pass", "batch", "true"});
  CHECK(batch.wait().code == 242);

  Sitting wrong(agent, {"exec", "--ask-pass", "typed", "true"});
  std::string questions;
  for (int i = 0; i < 3; ++i) {
    questions += "(" + sshd.user() + "@typed) Password: ";
    wrong.answer(questions, "wrong " + std::to_string(i));
    questions += "\r\n";
  }
  CHECK(wrong.wait().code == 242);
  CHECK(contains(wrong.terminal.screen().toEnd(), "the server did not accept what was typed"));

  for (const std::string host : {"typed", "asked"}) {
    INFO(host);
    Sitting first(agent, {"exec", "--ask-pass", host, "echo in"});
    first.terminal.screen().until("assword: ");
    std::list<Sitting> others;
    for (int i = 0; i < 20; ++i)
      others.emplace_back(agent, std::vector<std::string>{"exec", "--ask-pass", host, "echo in"});
    first.terminal.type(password.text() + "\r");
    first.terminal.screen().until("in\r\n");
    CHECK(first.wait().code == 0);
    size_t questions = count(first.terminal.screen().text(), "assword: ");
    for (Sitting& other : others) {
      other.terminal.screen().until("in\r\n");
      CHECK(other.wait().code == 0);
      questions += count(other.terminal.screen().text(), "assword: ");
    }
    CHECK(questions == 1);
  }
  CHECK(count(agent.log(), password.text()) == 0);
}

TEST_CASE("a server that wants a key and a password gets both, in either order") {
  if (geteuid() != 0) SKIP("only root can give an account a password");
  AccountPassword password;
  for (const std::string methods : {"publickey,password", "password,publickey"}) {
    INFO(methods);
    Lab lab({.lines = {"PasswordAuthentication yes", "AuthenticationMethods " + methods}});
    Sitting sitting(lab.agent, {"exec", "--ask-pass", "web1", "echo in"});
    sitting.answer("Password: ", password.text());
    sitting.terminal.screen().until("in\r\n");
    CHECK(sitting.wait().code == 0);
  }
}

}  // namespace
}  // namespace cbs::test
