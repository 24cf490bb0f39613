// As ssh does: which way. Each case is run by both and held against what is written here; the logs of the servers on
// the way are the proof that it was taken.
#include "tests/integration/check_parity.h"
#include "tests/support/ports.h"

namespace cbs::test {
namespace {

// What the server `jump` says when it is asked for a way to `port`.
Witness forwards(const std::string& jump, const std::string& port) {
  return {jump, "target 127.0.0.1 port {" + port + "}"};
}

const std::vector<ParityCase> kJumps = {
    {.name = "ProxyJump leads through a host",
     .config = "Host one-hop\n ProxyJump jump1",
     .target = "one-hop",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "ProxyJump leads through two hosts in their order",
     .config = "Host two-hops\n ProxyJump jump1,jump2",
     .target = "two-hops",
     .witnesses = {forwards("jump1", "jump2"), forwards("jump2", "port")}},
    {.name = "ProxyJump leads through three hosts",
     .config = "Host three-hops\n ProxyJump jump1,jump2,jump3",
     .target = "three-hops",
     .witnesses = {forwards("jump1", "jump2"), forwards("jump2", "jump3"), forwards("jump3", "port")}},
    {.name = "ProxyJump may name user, address and port",
     .config = "Host named-hop\n ProxyJump {user}@127.0.0.1:{jump1}",
     .target = "named-hop",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "ProxyJump may be a URL",
     .config = "Host url-hop\n ProxyJump ssh://{user}@127.0.0.1:{jump1}",
     .target = "url-hop",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "an account in ProxyJump wins over the jump host's User",
     .config = "Host user-hop\n ProxyJump {user}@strangers-jump",
     .target = "user-hop",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "a jump host may have a ProxyJump of its own",
     .config = "Host far-jump\n Port {jump2}\n IdentityFile {jump2-key-file}\n ProxyJump jump1\n"
               "Host behind-far\n ProxyJump far-jump",
     .target = "behind-far",
     .witnesses = {forwards("jump1", "jump2"), forwards("jump2", "port")}},
    {.name = "ProxyJump none keeps a later one from counting",
     .config = "Host no-*\n ProxyJump none\nHost no-hop\n ProxyJump strangers-jump",
     .target = "no-hop"},
    {.name = "ProxyJump and then ProxyCommand: the first counts",
     .config = "Host jump-first\n ProxyJump jump1\n ProxyCommand exit 1",
     .target = "jump-first",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "tokens in HostName are known before the way begins",
     .config = "Host 1\n HostName 127.0.0.%h\n ProxyJump jump1",
     .target = "1",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "a host that jumps through itself is refused, where ssh would start itself for ever",
     .config = "Host own-jump\n ProxyJump own-jump",
     .target = "own-jump",
     .outcome = Refusal{241, "", "ProxyJump"},
     .withoutSsh = true},
    {.name = "a loop of jumps is refused, where ssh would start itself for ever",
     .config = "Host loop-a\n ProxyJump loop-b\nHost loop-b\n ProxyJump loop-a",
     .target = "loop-a",
     .outcome = Refusal{241, "", "ProxyJump"},
     .withoutSsh = true},
};

const std::vector<ParityCase> kRefusals = {
    {.name = "a jump host that refuses our key refuses all",
     .config = "Host jump-refuses\n ProxyJump strangers-jump",
     .target = "jump-refuses",
     .outcome = Refusal{242, "Permission denied", "accepted none of our keys"}},
    {.name = "a jump host whose key is unknown refuses all",
     .config = "Host unknown-jump\n Port {jump1}\n IdentityFile {jump1-key-file}\n UserKnownHostsFile {no-hosts}\n"
               "Host jump-unknown\n ProxyJump unknown-jump",
     .target = "jump-unknown",
     .outcome = Refusal{243, "Host key verification failed", "host key unknown"}},
    {.name = "a jump host where nobody listens refuses all",
     .config = "Host closed-jump\n Port {closed}\nHost jump-closed\n ProxyJump closed-jump",
     .target = "jump-closed",
     .outcome = Refusal{241, "Connection refused", "connection refused"}},
    {.name = "a host where nobody listens is refused by the jump host",
     .config = "Host closed-behind\n Port {closed}\n ProxyJump jump1",
     .target = "closed-behind",
     .outcome = Refusal{241, "Connection refused", ""},
     .witnesses = {forwards("jump1", "closed")}},
    {.name = "a jump host's key is not the host's",
     .config = "Host strange-key\n IdentityFile none\n ProxyJump jump1",
     .target = "someone@strange-key",
     .outcome = Refusal{242, "Permission denied", "accepted none of our keys"},
     .witnesses = {forwards("jump1", "port")}},
    {.name = "a host behind a jump host must be known, too",
     .config = "Host unknown-behind\n UserKnownHostsFile {no-hosts}\n ProxyJump jump1",
     .target = "unknown-behind",
     .outcome = Refusal{243, "Host key verification failed", "host key unknown"},
     .witnesses = {forwards("jump1", "port")}},
    {.name = "a host behind a jump host that has changed is refused",
     .config = "Host changed-behind\n UserKnownHostsFile {wrong-hosts}\n ProxyJump jump1",
     .target = "changed-behind",
     .outcome = Refusal{243, "REMOTE HOST IDENTIFICATION HAS CHANGED", "host key changed"},
     .witnesses = {forwards("jump1", "port")}},
};

// ssh -W makes a pipe of any host's door, on a machine that has no netcat.
const std::vector<ParityCase> kCommands = {
    {.name = "ProxyCommand is the way, with %h and %p",
     .config = "Host command\n ProxyCommand ssh -F {config} -W %h:%p jump1",
     .target = "command",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "%r in ProxyCommand is the account",
     .config = "Host command-user\n ProxyCommand ssh -F {config} -l %r -W %h:%p strangers-jump",
     .target = "{user}@command-user",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "%n in ProxyCommand is the name that was asked for",
     .config = "Host jump2-name\n ProxyCommand ssh -F {config} -W %h:%p $(echo %n | cut -d- -f1)",
     .target = "jump2-name",
     .witnesses = {forwards("jump2", "port")}},
    {.name = "%% in ProxyCommand is %",
     .config = "Host percent\n ProxyCommand ssh -F {config} -W $(printf '%%s' %h):%p jump1",
     .target = "percent",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "ProxyCommand is a line for the shell",
     .config = "Host command-line\n ProxyCommand ssh -F {config} -W \"%h:%p\" ${HOME:+jump1} 2>/dev/null",
     .target = "command-line",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "ProxyCommand is run by exec: what follows its first command is not run",
     .config = "Host command-exec\n ProxyCommand true; ssh -F {config} -W %h:%p jump1",
     .target = "command-exec",
     .outcome = Refusal{241, "UNKNOWN port 65535", ""}},
    {.name = "ProxyCommand none keeps a later one from counting",
     .config = "Host plain-*\n ProxyCommand none\nHost plain-command\n ProxyCommand exit 1",
     .target = "plain-command"},
    {.name = "ProxyCommand and then ProxyJump: the first counts",
     .config = "Host command-first\n ProxyCommand ssh -F {config} -W %h:%p jump1\n ProxyJump strangers-jump",
     .target = "command-first",
     .witnesses = {forwards("jump1", "port")}},
    {.name = "a jump host may be reached by ProxyCommand",
     .config = "Host command-jump\n Port {jump2}\n IdentityFile {jump2-key-file}\n"
               " ProxyCommand ssh -F {config} -W %h:%p jump1\nHost behind-command\n ProxyJump command-jump",
     .target = "behind-command",
     .witnesses = {forwards("jump1", "jump2"), forwards("jump2", "port")}},
    {.name = "the host is looked up in known_hosts by its own name",
     .config = "Host command-unknown\n UserKnownHostsFile {no-hosts}\n ProxyCommand ssh -F {config} -W %h:%p jump1",
     .target = "command-unknown",
     .outcome = Refusal{243, "Host key verification failed", "host key unknown"},
     .witnesses = {forwards("jump1", "port")}},
    {.name = "a ProxyCommand that fails reaches nobody",
     .config = "Host command-fails\n ProxyCommand false",
     .target = "command-fails",
     .outcome = Refusal{241, "UNKNOWN port 65535", ""}},
    {.name = "a ProxyCommand that is not there reaches nobody",
     .config = "Host command-missing\n ProxyCommand /nonexistent/program %h",
     .target = "command-missing",
     .outcome = Refusal{241, "/nonexistent/program", ""}},
    {.name = "a ProxyCommand that prints garbage reaches nobody",
     .config = "Host command-garbage\n ProxyCommand head -c 20000 /dev/zero | tr '\\000' '\\367'",
     .target = "command-garbage",
     .outcome = Refusal{241, "", ""}},
    {.name = "what a ProxyCommand complains of is no part of the output",
     .config = "Host command-noisy\n ProxyCommand sh -c 'echo noise >&2; exec ssh -F {config} -W %h:%p jump1'",
     .target = "command-noisy",
     .witnesses = {forwards("jump1", "port")}},
};

constexpr const char* kCommon =
    " HostName 127.0.0.1\n BatchMode yes\n IdentitiesOnly yes\n GlobalKnownHostsFile /dev/null\n"
    "Host jump1 strangers-jump\n Port {jump1}\n IdentityFile {jump1-key-file}\n UserKnownHostsFile {jump1-hosts}\n"
    "Host jump2\n Port {jump2}\n IdentityFile {jump2-key-file}\n UserKnownHostsFile {jump2-hosts}\n"
    "Host jump3\n Port {jump3}\n IdentityFile {jump3-key-file}\n UserKnownHostsFile {jump3-hosts}\n"
    "Host strangers-jump\n User nobody-of-that-name\n"
    "Host !jump1 !jump2 !jump3 !strangers-jump !127.0.0.1 *\n Port {port}\n IdentityFile {port-key-file}\n"
    " UserKnownHostsFile {hosts}\n"
    "Host 127.0.0.1\n IdentityFile {jump1-key-file}\n UserKnownHostsFile {jump1-hosts}\n"
    "Host *\n User {user}";

SshdOptions options() { return {.lines = {"ExposeAuthInfo yes", "LogLevel DEBUG1"}}; }

// A host and three that lead there. Each lets its own key in only, and is known in a file of its own.
struct Way {
  Way() {
    matrix.add("port", sshd);
    matrix.add("jump1", jump1);
    matrix.add("jump2", jump2);
    matrix.add("jump3", jump3);
    matrix.define("good", matrix.expand("{port-key}"));
    matrix.define("closed", std::to_string(portOf(closed.get())));
    matrix.write("no-hosts", "");
    matrix.write("wrong-hosts", "{port-host} " + jump1.hostKey() + "\n");
    // far-jump and its like are known where the host is.
    matrix.write("hosts", "{port-known}{jump2-known}");
    for (const std::string name : {"jump1", "jump2", "jump3"}) matrix.write(name + "-hosts", "{" + name + "-known}");
  }

  Sshd sshd{options()};
  Sshd jump1{options()};
  Sshd jump2{options()};
  Sshd jump3{options()};
  UniqueFd closed = boundSocket(-1);
  ParityMatrix matrix;
};

TEST_CASE("as ssh does: ProxyJump", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Way way;
  checkParity(way.matrix, kJumps, kCommon);
}

TEST_CASE("as ssh does: refusals on the way", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Way way;
  checkParity(way.matrix, kRefusals, kCommon);
}

TEST_CASE("as ssh does: ProxyCommand", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Way way;
  checkParity(way.matrix, kCommands, kCommon);
}

}  // namespace
}  // namespace cbs::test
