#include "cli/output/explain_error.h"

#include <capnp/schema.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

TEST_CASE("a changed host key is told with both fingerprints and the way out") {
  Error error{ErrorKind::HOST_KEY_REFUSED, Reason::HOST_KEY_CHANGED, ""};
  error.facts = {{"fingerprint", "SHA256:new"},
                 {"expectedFingerprint", "SHA256:old"},
                 {"file", "/h/kh"},
                 {"line", "3"},
                 {"knownAs", "[10.0.0.1]:2222"}};
  CHECK(sentence(error, "web1") ==
        "cbsession: web1: host key changed (SHA256:new expected SHA256:old) in /h/kh:3. Next: find out why; if the new "
        "key "
        "is right: ssh-keygen -R '[10.0.0.1]:2222' -f /h/kh, then ssh web1 true\n");
}

TEST_CASE("what is not known is left out of a sentence") {
  Error error{ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, ""};
  CHECK(explain(error, "web1").message == "connection refused");
  error.facts = {{"address", "127.0.0.1:22"}};
  CHECK(explain(error, "web1").message == "connection refused by 127.0.0.1:22");
  Error breaker{ErrorKind::UNREACHABLE, Reason::BREAKER_OPEN, "", {{"retryAfterMs", "1500"}}};
  CHECK(explain(breaker, "web1").next ==
        "repair what is wrong, then: cbsession breaker reset web1; by itself it is tried again in 1500 ms");
}

TEST_CASE("what befell a jump host is told of that one, and so is what to do") {
  Error error{ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, "", {{"jumpHost", "bastion"}}};
  CHECK(sentence(error, "web1") ==
        "cbsession: web1: jump host bastion: connection refused. Next: check that an SSH server runs there, and its "
        "port: ssh -v bastion\n");
}

TEST_CASE("a command line for ssh has the port where ssh takes it") {
  Error error{ErrorKind::UNREACHABLE, Reason::HANDSHAKE_FAILED, ""};
  CHECK(explain(error, "web1").next == "compare with: ssh -v web1");
  CHECK(explain(error, "me@web1").next == "compare with: ssh -v me@web1");
  CHECK(explain(error, "me@web1:2222").next == "compare with: ssh -v -p 2222 me@web1");
  CHECK(explain(error, "::1").next == "compare with: ssh -v ::1");
  CHECK(explain(error, "me@[::1]:2222").next == "compare with: ssh -v -p 2222 me@::1");
}

TEST_CASE("what befell a job is told of its target and its id") {
  Error failed{ErrorKind::CANCELLED, Reason::DEPENDENCY_FAILED, "", {{"after", "01a"}}};
  CHECK(sentenceOfJob(failed, "web1", "01b\n") ==
        "cbsession: web1: job 01b: cancelled, as a job that it was to run after did not succeed (01a). Next: see why: "
        "cbsession jobs 01a\n");
  Error died{ErrorKind::LOST, Reason::DAEMON_DIED, ""};
  CHECK(explain(died, "web1").message == "the daemon ended while the command ran: how the command ended is unknown");
}

TEST_CASE("a journal that is full is told from one that cannot be used") {
  Error error{ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE, "not a database", {{"file", "/s/jobs.db"}}};
  CHECK(sentence(error, "") ==
        "cbsession: no jobs: the journal cannot be used (not a database). Next: see what is wrong with /s/jobs.db\n");
  error.facts.push_back({"full", "true"});
  CHECK(explain(error, "").next == "free space for /s/jobs.db, and try again");
}

TEST_CASE("what a job's own deadline has ended is told to raise that one") {
  Error waited{ErrorKind::TIMED_OUT, Reason::WAIT_TIMED_OUT, "the job's deadline passed", {{"deadline", "true"}}};
  CHECK(explain(waited, "web1").next == "raise --deadline");
  Error ran{ErrorKind::TIMED_OUT, Reason::COMMAND_TIMED_OUT, "", {{"deadline", "true"}}};
  CHECK(explain(ran, "web1").next == "raise --deadline, or look at the host");
  waited.facts.clear();
  CHECK(explain(waited, "web1").next == "raise --timeout, or see what runs: cbsession stats");
}

TEST_CASE("words that end with a full stop get no second one") {
  Error error{ErrorKind::TRANSFER_FAILED, Reason::REMOTE_IO, "It failed."};
  CHECK(sentence(error, "web1") == "cbsession: web1: remote file: It failed. Next: look at the host: ssh web1 df -h\n");
}

TEST_CASE("every kind and every reason has words") {
  auto kinds = capnp::Schema::from<ErrorKind>().getEnumerants().size();
  auto reasons = capnp::Schema::from<Reason>().getEnumerants().size();
  for (unsigned kind = 0; kind < kinds; ++kind) {
    for (unsigned reason = 0; reason < reasons + 1; ++reason) {
      Error error{static_cast<ErrorKind>(kind), static_cast<Reason>(reason), ""};
      auto text = sentence(error, "web1");
      INFO(text);
      CHECK(text.size() > 20);
      CHECK(text.find_first_of("[]{}") == std::string::npos);
      error.detail = "words";
      CHECK(sentence(error, "").find_first_of("[]{}") == std::string::npos);
    }
  }
}

TEST_CASE("a server's words cannot write to the terminal or span lines") {
  Error error{ErrorKind::UNREACHABLE, Reason::HANDSHAKE_FAILED, "a\x1b[2J\nb\r\n"};
  auto text = sentence(error, "web\x07");
  CHECK(text.find("a?[2J b?") != std::string::npos);
  CHECK(text.find("web?") != std::string::npos);
  CHECK(text.find('\n') == text.size() - 1);
}

}  // namespace
}  // namespace cbs::cli
