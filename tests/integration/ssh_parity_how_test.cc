// As ssh does: how. Each case is run by both and held against what is written here.
#include "tests/integration/check_parity.h"

namespace cbs::test {
namespace {

// What the server's log says of the ways that were agreed on.
Witness agreed(const std::string& text) { return {"port", text}; }

const std::vector<ParityCase> kAlgorithms = {
    {.name = "Ciphers are what may be agreed on",
     .config = "Host cipher\n Ciphers aes256-ctr",
     .target = "cipher",
     .witnesses = {agreed("client->server cipher: aes256-ctr"), agreed("server->client cipher: aes256-ctr")}},
    {.name = "Ciphers come in the client's order",
     .config = "Host cipher-order\n Ciphers aes256-gcm@openssh.com,aes256-ctr",
     .target = "cipher-order",
     .witnesses = {agreed("client->server cipher: aes256-gcm@openssh.com")}},
    {.name = "Ciphers that the server has not end in no connection",
     .config = "Host cipher-none\n Ciphers aes192-ctr",
     .target = "cipher-none",
     .outcome = Refusal{241, "no matching cipher found", "handshake"}},
    {.name = "MACs are what may be agreed on",
     .config = "Host mac\n Ciphers aes256-ctr\n MACs hmac-sha2-512",
     .target = "mac",
     .witnesses = {agreed("cipher: aes256-ctr MAC: hmac-sha2-512 ")}},
    {.name = "MACs that the server has not end in no connection",
     .config = "Host mac-none\n Ciphers aes256-ctr\n MACs hmac-sha1",
     .target = "mac-none",
     .outcome = Refusal{241, "no matching MAC found", "handshake"}},
    {.name = "KexAlgorithms are what may be agreed on",
     .config = "Host kex\n KexAlgorithms ecdh-sha2-nistp256",
     .target = "kex",
     .witnesses = {agreed("kex: algorithm: ecdh-sha2-nistp256")}},
    {.name = "KexAlgorithms that the server has not end in no connection",
     .config = "Host kex-none\n KexAlgorithms diffie-hellman-group14-sha256",
     .target = "kex-none",
     .outcome = Refusal{241, "no matching key exchange method found", "handshake"}},
};

const std::vector<ParityCase> kVariables = {
    {.name = "SetEnv sets a variable",
     .config = "Host set\n SetEnv LC_PARITY=set",
     .target = "set",
     .outcome = Login{.variable = "set"}},
    {.name = "the first SetEnv counts, whatever it sets",
     .config = "Host set-first\n SetEnv LC_OTHER=other\n SetEnv LC_PARITY=set",
     .target = "set-first"},
    {.name = "one SetEnv may set several, with blanks in them",
     .config = "Host set-several\n SetEnv LC_OTHER=other \"LC_PARITY=two words\"",
     .target = "set-several",
     .outcome = Login{.variable = "two words"}},
    {.name = "SendEnv sends the caller's variable",
     .config = "Host send\n SendEnv LC_PARITY",
     .target = "send",
     .outcome = Login{.variable = "the caller's"},
     .environment = {{"LC_PARITY", "the caller's"}}},
    {.name = "SendEnv knows patterns",
     .config = "Host send-pattern\n SendEnv LC_PAR*",
     .target = "send-pattern",
     .outcome = Login{.variable = "the caller's"},
     .environment = {{"LC_PARITY", "the caller's"}}},
    {.name = "SendEnv with - takes a pattern back",
     .config = "Host take-back\n SendEnv LC_PARITY LC_OTHER\n SendEnv -LC_PAR*",
     .target = "take-back",
     .environment = {{"LC_PARITY", "the caller's"}}},
    {.name = "SendEnv sends nothing that the caller has not",
     .config = "Host send-nothing\n SendEnv LC_PARITY",
     .target = "send-nothing"},
    {.name = "a variable that nothing names is not sent",
     .config = "Host send-none",
     .target = "send-none",
     .environment = {{"LC_PARITY", "the caller's"}}},
    {.name = "SetEnv wins over SendEnv",
     .config = "Host send-and-set\n SendEnv LC_PARITY\n SetEnv LC_PARITY=set",
     .target = "send-and-set",
     .outcome = Login{.variable = "set"},
     .environment = {{"LC_PARITY", "the caller's"}}},
};

const std::vector<ParityCase> kOptions = {
    {.name = "IgnoreUnknown lets unknown keywords pass",
     .config = "IgnoreUnknown NoSuch*\nHost ignored\n NoSuchKeyword yes",
     .target = "ignored"},
    {.name = "ServerAliveInterval is accepted",
     .config = "Host alive\n ServerAliveInterval 5\n ServerAliveCountMax 2\n TCPKeepAlive no",
     .target = "alive"},
    {.name = "ConnectTimeout is accepted", .config = "Host timeout\n ConnectTimeout 15", .target = "timeout"},
    {.name = "what changes nothing that is done here is accepted",
     .config = "Host harmless\n Compression yes\n ControlMaster auto\n ControlPath {home}/%C\n"
               " ForwardX11 no\n LogLevel ERROR\n VisualHostKey yes",
     .target = "harmless"},
    {.name = "a RemoteCommand leaves no place for another",
     .config = "Host remote\n RemoteCommand echo configured",
     .target = "remote",
     .outcome = Refusal{241, "Cannot execute command-line and remote command", "RemoteCommand"}},
    {.name = "RemoteCommand none does",
     .config = "Host remote-*\n RemoteCommand none\nHost remote-none\n RemoteCommand echo configured",
     .target = "remote-none"},
    {.name = "SessionType none runs no command",
     .config = "Host session\n SessionType none",
     .target = "session",
     .outcome = Refusal{241, "", "SessionType"},
     .withoutSsh = true},
    {.name = "SessionType subsystem runs no command, either",
     .config = "Host session-subsystem\n SessionType subsystem",
     .target = "session-subsystem",
     .outcome = Refusal{241, "", "SessionType"},
     .withoutSsh = true},
    {.name = "SessionType default does",
     .config = "Host session-default\n SessionType default",
     .target = "session-default"},
    {.name = "ProxyUseFdpass asks for what is not supported",
     .config = "Host fdpass\n ProxyUseFdpass yes\n ProxyCommand exit 1",
     .target = "fdpass",
     .outcome = Refusal{241, "", "ProxyUseFdpass"}},
};

constexpr const char* kCommon =
    " HostName 127.0.0.1\n User {user}\n Port {port}\n IdentityFile {port-key-file}\n IdentitiesOnly yes\n"
    " UserKnownHostsFile {trusted}\n GlobalKnownHostsFile /dev/null";

// A server with few algorithms.
struct How {
  How() {
    matrix.add("port", sshd);
    matrix.define("good", matrix.expand("{port-key}"));
    matrix.write("trusted", sshd.knownHosts());
    matrix.agent().setVariable("LC_PARITY", "the daemon's");
  }

  Sshd sshd{{.lines = {"ExposeAuthInfo yes", "LogLevel DEBUG1", "Ciphers aes256-ctr,aes256-gcm@openssh.com",
                       "MACs hmac-sha2-256,hmac-sha2-512", "KexAlgorithms curve25519-sha256,ecdh-sha2-nistp256"}}};
  ParityMatrix matrix;
};

TEST_CASE("as ssh does: algorithms", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  How how;
  checkParity(how.matrix, kAlgorithms, kCommon);
}

TEST_CASE("as ssh does: variables", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  How how;
  checkParity(how.matrix, kVariables, kCommon);
}

TEST_CASE("as ssh does: what is accepted, and what is refused", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  How how;
  checkParity(how.matrix, kOptions, kCommon);
}

}  // namespace
}  // namespace cbs::test
