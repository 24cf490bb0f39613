// As ssh does: whom to trust. Each case is run by both and held against what is written here.
#include "tests/integration/check_parity.h"
#include "tests/support/key_folder.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

const Refusal kUnknown{243, "Host key verification failed", "host key unknown"};
const Refusal kChanged{243, "REMOTE HOST IDENTIFICATION HAS CHANGED", "host key changed"};
const Refusal kRevoked{243, "revoked", "host key revoked"};

const std::vector<ParityCase> kNames = {
    {.name = "a plain name is found",
     .config = "Host plain\n UserKnownHostsFile {known}",
     .target = "plain",
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "a hashed name is found",
     .config = "Host hashed\n UserKnownHostsFile {known}",
     .target = "hashed",
     .knownHosts = "{hashed-lines}"},
    {.name = "one name of several on a line is found",
     .config = "Host several\n UserKnownHostsFile {known}",
     .target = "several",
     .knownHosts = "example.com,{host},192.0.2.1 {ed25519}\n"},
    {.name = "a name without a port serves for every port",
     .config = "Host portless\n UserKnownHostsFile {known}",
     .target = "portless",
     .knownHosts = "127.0.0.1 {ed25519}\n"},
    {.name = "another port is another host",
     .config = "Host other-port\n UserKnownHostsFile {known}",
     .target = "other-port",
     .outcome = kUnknown,
     .knownHosts = "[127.0.0.1]:1 {ed25519}\n"},
    {.name = "a pattern with * is found",
     .config = "Host wildcard\n UserKnownHostsFile {known}",
     .target = "wildcard",
     .knownHosts = "[127.0.*]:{port} {ed25519}\n"},
    {.name = "a negated pattern keeps a host out",
     .config = "Host negated\n UserKnownHostsFile {known}",
     .target = "negated",
     .outcome = kUnknown,
     .knownHosts = "[127.0.*]:*,!{host} {ed25519}\n"},
    {.name = "HostKeyAlias is the name to look for, without a port",
     .config = "Host aliased\n UserKnownHostsFile {known}\n HostKeyAlias the-host",
     .target = "aliased",
     .knownHosts = "the-host {ed25519}\n"},
    {.name = "HostKeyAlias is the only name to look for",
     .config = "Host aliased-only\n UserKnownHostsFile {known}\n HostKeyAlias the-host",
     .target = "aliased-only",
     .outcome = kUnknown,
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "HostKeyAlias in upper case",
     .config = "Host aliased-upper\n UserKnownHostsFile {known}\n HostKeyAlias The-Host",
     .target = "aliased-upper",
     .knownHosts = "The-Host {ed25519}\n"},
    {.name = "every UserKnownHostsFile counts",
     .config = "Host two-files\n UserKnownHostsFile {no-hosts} {known}",
     .target = "two-files",
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "UserKnownHostsFile may have ~ and tokens",
     .config = "Host tokens\n UserKnownHostsFile ~/known-%h",
     .target = "tokens"},
    {.name = "GlobalKnownHostsFile counts too",
     .config = "Host global\n UserKnownHostsFile /dev/null\n GlobalKnownHostsFile {known}",
     .target = "global",
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "lines that make no sense are passed over",
     .config = "Host broken\n UserKnownHostsFile {known}",
     .target = "broken",
     .knownHosts =
         "{host}\n{host} ssh-ed25519\n{host} ssh-ed25519 AAAA\n{host} ssh-rsa {ed25519}\n@what {host} "
         "{stranger}\n|1|x|y {stranger}\n\x01\xff\x80 \xfe\n\n# {host} {stranger}\n   {host} {ed25519} note\n"},
    {.name = "one of two keys of a host is enough",
     .config = "Host two-keys\n UserKnownHostsFile {known}",
     .target = "two-keys",
     .knownHosts = "{host} {stranger}\n{host} {ed25519}\n"},
};

const std::vector<ParityCase> kNew = {
    {.name = "an unknown key is refused by StrictHostKeyChecking yes",
     .config = "Host new-yes\n UserKnownHostsFile {known}\n StrictHostKeyChecking yes",
     .target = "new-yes",
     .outcome = Refusal{243, "host key is known", "host key unknown"},
     .knownHosts = ""},
    {.name = "an unknown key is refused by StrictHostKeyChecking ask, as there is nobody to ask",
     .config = "Host new-ask\n UserKnownHostsFile {known}\n StrictHostKeyChecking ask",
     .target = "new-ask",
     .outcome = kUnknown,
     .knownHosts = ""},
    {.name = "an unknown key is noted down by accept-new",
     .config = "Host new-accept\n UserKnownHostsFile {known}\n StrictHostKeyChecking accept-new",
     .target = "new-accept",
     .knownHosts = "example.com {stranger}\n",
     .added = "{host} {ed25519}\n"},
    {.name = "an unknown key is noted down by no",
     .config = "Host new-no\n UserKnownHostsFile {known}\n StrictHostKeyChecking no",
     .target = "new-no",
     .knownHosts = "",
     .added = "{host} {ed25519}\n"},
    {.name = "HashKnownHosts hides the name that is noted down",
     .config = "Host new-hash\n UserKnownHostsFile {known}\n StrictHostKeyChecking accept-new\n HashKnownHosts yes",
     .target = "new-hash",
     .knownHosts = "",
     .added = "|1| {ed25519}\n"},
    {.name = "what was noted down here under a hidden name",
     .config = "Host new-hidden\n UserKnownHostsFile {home}/hidden\n StrictHostKeyChecking accept-new\n"
               " HashKnownHosts yes",
     .target = "new-hidden",
     .withoutSsh = true},
    {.name = "… is found by both",
     .config = "Host now-hidden\n UserKnownHostsFile {home}/hidden\n StrictHostKeyChecking yes",
     .target = "now-hidden"},
    {.name = "HostKeyAlias is noted down in the name's place",
     .config = "Host new-alias\n UserKnownHostsFile {known}\n StrictHostKeyChecking accept-new\n HostKeyAlias the-host",
     .target = "new-alias",
     .knownHosts = "",
     .added = "the-host {ed25519}\n"},
    {.name = "the first of several files is written to",
     .config = "Host new-first\n UserKnownHostsFile {known} {no-hosts}\n StrictHostKeyChecking accept-new",
     .target = "new-first",
     .knownHosts = "",
     .added = "{host} {ed25519}\n"},
    {.name = "a key that cannot be noted down is accepted all the same",
     .config = "Host new-null\n UserKnownHostsFile {home}/no/such/file\n StrictHostKeyChecking accept-new",
     .target = "new-null"},
};

const std::vector<ParityCase> kWrong = {
    {.name = "a changed key is refused by StrictHostKeyChecking yes",
     .config = "Host changed-yes\n UserKnownHostsFile {known}\n StrictHostKeyChecking yes",
     .target = "changed-yes",
     .outcome = kChanged,
     .knownHosts = "{host} {stranger}\n"},
    {.name = "a changed key is refused by accept-new",
     .config = "Host changed-accept\n UserKnownHostsFile {known}\n StrictHostKeyChecking accept-new",
     .target = "changed-accept",
     .outcome = kChanged,
     .knownHosts = "{host} {stranger}\n"},
    {.name = "a changed key is let pass by StrictHostKeyChecking no, for a login with a key",
     .config = "Host changed-no\n UserKnownHostsFile {known}\n StrictHostKeyChecking no",
     .target = "changed-no",
     .knownHosts = "{host} {stranger}\n"},
    {.name = "a key of another type that is known makes the server show that one",
     .config = "Host other-type\n UserKnownHostsFile {known}",
     .target = "other-type",
     .knownHosts = "{host} {ecdsa}\n"},
    {.name = "a key of another type that the server has not is a change",
     .config = "Host other-type-gone\n UserKnownHostsFile {known}\n StrictHostKeyChecking accept-new",
     .target = "other-type-gone",
     .outcome = kChanged,
     .knownHosts = "{host} {stranger-rsa}\n"},
    {.name = "a revoked key is refused, though it is known",
     .config = "Host revoked\n UserKnownHostsFile {known}\n StrictHostKeyChecking accept-new",
     .target = "revoked",
     .outcome = kRevoked,
     .knownHosts = "{host} {ed25519}\n@revoked * {ed25519}\n"},
    {.name = "another key's revocation changes nothing",
     .config = "Host revoked-other\n UserKnownHostsFile {known}",
     .target = "revoked-other",
     .knownHosts = "@revoked * {stranger}\n{host} {ed25519}\n"},
    {.name = "RevokedHostKeys refuses a key that is known",
     .config = "Host revoked-file\n UserKnownHostsFile {known}\n RevokedHostKeys {revoked-ed25519}",
     .target = "revoked-file",
     .outcome = kRevoked,
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "RevokedHostKeys with other keys changes nothing",
     .config = "Host revoked-file-other\n UserKnownHostsFile {known}\n RevokedHostKeys {revoked-stranger}",
     .target = "revoked-file-other",
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "RevokedHostKeys that cannot be read refuses everyone",
     .config = "Host revoked-file-gone\n UserKnownHostsFile {known}\n RevokedHostKeys {home}/missing",
     .target = "revoked-file-gone",
     .outcome = Refusal{243, "revoked", "{home}/missing"},
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "HostKeyAlgorithms chooses the key that the server shows",
     .config = "Host algorithms\n UserKnownHostsFile {known}\n HostKeyAlgorithms ecdsa-sha2-nistp256",
     .target = "algorithms",
     .outcome = kChanged,
     .knownHosts = "{host} {ed25519}\n{host} {stranger-ecdsa}\n"},
    {.name = "HostKeyAlgorithms with + leaves the order to what is known",
     .config = "Host algorithms-more\n UserKnownHostsFile {known}\n HostKeyAlgorithms +ssh-rsa",
     .target = "algorithms-more",
     .knownHosts = "{host} {ecdsa}\n"},
    {.name = "HostKeyAlgorithms that the server has not end in no connection",
     .config = "Host algorithms-none\n UserKnownHostsFile {known}\n HostKeyAlgorithms rsa-sha2-512",
     .target = "algorithms-none",
     .outcome = Refusal{241, "no matching host key type", "handshake"},
     .knownHosts = "{host} {ed25519}\n"},
    {.name = "NoHostAuthenticationForLocalhost asks nothing of a loopback address",
     .config = "Host no-check\n UserKnownHostsFile {known}\n NoHostAuthenticationForLocalhost yes\n"
               " StrictHostKeyChecking yes",
     .target = "no-check",
     .knownHosts = "{host} {stranger}\n"},
};

constexpr const char* kCommon =
    " HostName 127.0.0.1\n User {user}\n Port {port}\n IdentityFile {port-key-file}\n IdentitiesOnly yes\n"
    " UserKnownHostsFile /dev/null\n GlobalKnownHostsFile /dev/null";

// A server with two host keys, and keys that it has not.
struct Trust {
  Trust() {
    keys.make("stranger");
    keys.make("stranger-ecdsa", "ecdsa");
    keys.make("stranger-rsa", "rsa");
    for (const char* name : {"stranger", "stranger-ecdsa", "stranger-rsa"}) matrix.define(name, keys.publicLine(name));
    matrix.add("port", sshd);
    matrix.define("good", matrix.expand("{port-key}"));
    matrix.define("host", matrix.expand("{port-host}"));
    matrix.define("ed25519", sshd.hostKey());
    matrix.define("ecdsa", sshd.hostKey("ecdsa"));
    matrix.write("no-hosts", "");
    matrix.agent().folder().write("home/known-127.0.0.1", sshd.knownHosts());
    matrix.write("revoked-ed25519", "{ed25519}\n");
    matrix.write("revoked-stranger", "{stranger}\n");
    matrix.define("hashed-lines", hashed(matrix.expand("{host} {ed25519}\n")));
  }

  // As ssh-keygen -H hashes it.
  std::string hashed(const std::string& lines) {
    std::string file = keys.folder().write("hashed", lines);
    runProgram({"sh", "-c", "exec ssh-keygen -q -H -f \"$0\" 2>/dev/null", file});  // it warns of the old file
    return readFile(file);
  }

  Sshd sshd{{.hostKeys = {"ed25519", "ecdsa"}, .lines = {"ExposeAuthInfo yes"}}};
  KeyFolder keys;
  ParityMatrix matrix;
};

TEST_CASE("as ssh does: names in known_hosts", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Trust trust;
  checkParity(trust.matrix, kNames, kCommon);
}

TEST_CASE("as ssh does: host keys that nobody knows", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Trust trust;
  checkParity(trust.matrix, kNew, kCommon);
}

TEST_CASE("as ssh does: host keys that are not the right ones", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Trust trust;
  checkParity(trust.matrix, kWrong, kCommon);
}

}  // namespace
}  // namespace cbs::test
