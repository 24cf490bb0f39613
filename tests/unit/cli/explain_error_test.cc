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
