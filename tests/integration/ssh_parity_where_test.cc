// As ssh does: where to. Each case is run by both and held against what is written here.
#include "tests/integration/check_parity.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::test {
namespace {

const Refusal kNotAUser{242, "Permission denied", "accepted none of our keys"};

const std::vector<ParityCase> kNames = {
    {.name = "HostName is where an alias leads",
     .config = "Host hostname\n HostName 127.0.0.2",
     .target = "hostname",
     .outcome = Login{.address = "127.0.0.2"}},
    {.name = "a keyword may be written in any case, with = and quotes",
     .config = "hOsT quoted\n hOsTnAmE=\"127.0.0.2\"\n PORT = {other}",
     .target = "quoted",
     .outcome = Login{.address = "127.0.0.2", .port = "{other}"}},
    {.name = "Port is the port of an alias",
     .config = "Host port\n HostName 127.0.0.1\n Port {other}",
     .target = "port",
     .outcome = Login{.port = "{other}"}},
    {.name = "a port that the target names wins over Port",
     .config = "Host port-named\n HostName 127.0.0.1\n Port {other}",
     .target = "port-named:{port}"},
    {.name = "User is the account of an alias",
     .config = "Host user\n HostName 127.0.0.1\n User nobody-of-that-name",
     .target = "user",
     .outcome = kNotAUser},
    {.name = "an account that the target names wins over User",
     .config = "Host user-named\n HostName 127.0.0.1\n User nobody-of-that-name",
     .target = "{user}@user-named"},
    {.name = "user@host:port needs no alias",
     .target = "{user}@127.0.0.3:{other}",
     .outcome = Login{.address = "127.0.0.3", .port = "{other}"}},
    {.name = "an IPv4 address needs no alias", .target = "127.0.0.4", .outcome = Login{.address = "127.0.0.4"}},
    {.name = "%h in HostName is the name that was asked for",
     .config = "Host 5 6\n HostName 127.0.0.%h",
     .target = "6",
     .outcome = Login{.address = "127.0.0.6"}},
    {.name = "an alias in upper case is looked up as it is written",
     .config = "Host UPPER\n HostName 127.0.0.7\nHost upper\n HostName 127.0.0.8",
     .target = "UPPER",
     .outcome = Login{.address = "127.0.0.7"}},
    {.name = "an account with an @ in it keeps it",
     .config = "Host at-user\n HostName 127.0.0.1",
     .target = "someone@example.com@at-user",
     .outcome = kNotAUser},
};

const std::vector<ParityCase> kBlocks = {
    {.name = "the first value wins",
     .config = "Host first-*\n HostName 127.0.0.10\nHost first-wins\n HostName 127.0.0.11\n Port {other}",
     .target = "first-wins",
     .outcome = Login{.address = "127.0.0.10", .port = "{other}"}},
    {.name = "Host knows * and ?",
     .config = "Host wi?d-*\n HostName 127.0.0.12",
     .target = "wild-card",
     .outcome = Login{.address = "127.0.0.12"}},
    {.name = "a negated pattern keeps a block from a host",
     .config = "Host kept-* !kept-out\n HostName 127.0.0.13\nHost kept-out\n HostName 127.0.0.14",
     .target = "kept-out",
     .outcome = Login{.address = "127.0.0.14"}},
    {.name = "… and from no other",
     .config = "",  // above
     .target = "kept-in",
     .outcome = Login{.address = "127.0.0.13"}},
    {.name = "Match host goes by the HostName so far",
     .config = "Host match-host\n HostName 127.0.0.15\nMatch host 127.0.0.15\n Port {other}",
     .target = "match-host",
     .outcome = Login{.address = "127.0.0.15", .port = "{other}"}},
    {.name = "Match originalhost goes by the name that was asked for",
     .config = "Host match-original\n HostName 127.0.0.16\nMatch originalhost match-original\n Port {other}",
     .target = "match-original",
     .outcome = Login{.address = "127.0.0.16", .port = "{other}"}},
    {.name = "Match user goes by the account that was asked for",
     .config = "Match originalhost match-user user {user}\n HostName 127.0.0.17",
     .target = "{user}@match-user",
     .outcome = Login{.address = "127.0.0.17"}},
    {.name = "Match localuser goes by who we are",
     .config = "Match originalhost match-local localuser !{me},*\n HostName 127.0.0.25\n"
               "Match originalhost match-local localuser {me}\n HostName 127.0.0.26",
     .target = "match-local",
     .outcome = Login{.address = "127.0.0.26"}},
    {.name = "Match with ! is for the others",
     .config = "Match originalhost match-not !user {user}\n HostName 127.0.0.18\n"
               "Match originalhost match-not\n HostName 127.0.0.19",
     .target = "{user}@match-not",
     .outcome = Login{.address = "127.0.0.19"}},
    {.name = "Match exec holds when its command succeeds",
     .config = "Match originalhost match-exec exec \"test %n = match-exec\"\n HostName 127.0.0.20",
     .target = "match-exec",
     .outcome = Login{.address = "127.0.0.20"}},
    {.name = "… and does not when it fails",
     .config = "Match originalhost match-fails exec \"exit 1\"\n HostName 127.0.0.21\n"
               "Host match-fails\n HostName 127.0.0.22",
     .target = "match-fails",
     .outcome = Login{.address = "127.0.0.22"}},
    {.name = "Match all is for everyone who gets there",
     .config = "Host match-all\n Include {match-all-file}",
     .target = "match-all",
     .outcome = Login{.address = "127.0.0.23"}},
    {.name = "Match final is looked at when the rest is known",
     .config = "Host match-final\n HostName 127.0.0.24\nMatch final host 127.0.0.24\n BindAddress 127.0.0.42",
     .target = "match-final",
     .outcome = Login{.address = "127.0.0.24", .from = "127.0.0.42"}},
};

const std::vector<ParityCase> kIncludes = {
    {.name = "Include reads a file by its path",
     .config = "Host *\nInclude {included-file}",
     .target = "included",
     .outcome = Login{.address = "127.0.0.30"}},
    {.name = "Include looks for a relative path in ~/.ssh",
     .config = "Host *\nInclude beside",
     .target = "beside",
     .outcome = Login{.address = "127.0.0.31"}},
    {.name = "Include knows patterns, and what none matches is no fault",
     .config = "Host *\nInclude parts/*.conf no-such-*",
     .target = "part-two",
     .outcome = Login{.address = "127.0.0.32"}},
    {.name = "what is included may include",
     .config = "Host *\nInclude outer",
     .target = "nested",
     .outcome = Login{.address = "127.0.0.33"}},
    {.name = "what a block includes is for its hosts only",
     .config = "Host only-here\n Include {conditional-file}\nHost not-here\n HostName 127.0.0.35",
     .target = "not-here",
     .outcome = Login{.address = "127.0.0.35"}},
};

const Refusal kNoSuchAddress{241, "Could not resolve hostname", "host name not found"};

const std::vector<ParityCase> kAddresses = {
    {.name = "AddressFamily inet6 refuses an IPv4 address",
     .config = "Host family6\n HostName 127.0.0.1\n AddressFamily inet6",
     .target = "family6",
     .outcome = kNoSuchAddress},
    {.name = "BindAddress is where the connection comes from",
     .config = "Host bound\n HostName 127.0.0.1\n BindAddress 127.0.0.40",
     .target = "bound",
     .outcome = Login{.from = "127.0.0.40"}},
    {.name = "a BindAddress that is not ours reaches nobody",
     .config = "Host bound-elsewhere\n HostName 127.0.0.1\n BindAddress 192.0.2.1",
     .target = "bound-elsewhere",
     .outcome = Refusal{241, "Cannot assign requested address", "Cannot assign requested address"}},
    {.name = "CanonicalizeHostname changes nothing for an address",
     .config = "Host canonical\n HostName 127.0.0.41\n CanonicalizeHostname yes\n CanonicalDomains example.invalid",
     .target = "canonical",
     .outcome = Login{.address = "127.0.0.41"}},
    {.name = "a port where nobody listens is refused",
     .config = "Host closed\n HostName 127.0.0.1\n Port 1",
     .target = "closed",
     .outcome = Refusal{241, "Connection refused", "connection refused"}},
};

const std::vector<ParityCase> kIpv6 = {
    {.name = "an IPv6 address with a port stands in brackets",
     .target = "{user}@[::1]:{port}",
     .outcome = Login{.address = "::1", .from = "::1"}},
    {.name = "an IPv6 address alone stands as it is",
     .target = "::1",
     .outcome = Login{.address = "::1", .from = "::1"}},
    {.name = "HostName may be an IPv6 address",
     .config = "Host hostname6\n HostName ::1",
     .target = "hostname6",
     .outcome = Login{.address = "::1", .from = "::1"}},
    {.name = "AddressFamily inet6 takes an IPv6 address",
     .config = "Host family6-fits\n HostName ::1\n AddressFamily inet6",
     .target = "family6-fits",
     .outcome = Login{.address = "::1", .from = "::1"}},
    {.name = "AddressFamily inet refuses an IPv6 address",
     .config = "Host family4\n HostName ::1\n AddressFamily inet",
     .target = "family4",
     .outcome = kNoSuchAddress},
};

constexpr const char* kCommon =
    " User {user}\n Port {port}\n IdentityFile {good-file}\n IdentitiesOnly yes\n"
    " UserKnownHostsFile {trusted}\n GlobalKnownHostsFile /dev/null";

// Two servers, each at every loopback address: cases tell them by their ports.
struct Where {
  Where() {
    other.letIn(readFile(sshd.keyFile() + ".pub"));
    matrix.add("port", sshd);
    matrix.add("other", other);
    matrix.define("good", matrix.expand("{port-key}"));
    matrix.define("good-file", sshd.keyFile());
    matrix.write("trusted", sshd.knownHosts("*") + other.knownHosts("*"));
    const PrivateAgent& agent = matrix.agent();
    const TempFolder& folder = agent.folder();
    matrix.write("match-all-file", "Match all\n HostName 127.0.0.23");
    matrix.write("included-file", "Host included\n HostName 127.0.0.30");
    matrix.write("conditional-file", "Host not-here\n HostName 127.0.0.34");
    folder.makeFolder("home/.ssh");
    folder.makeFolder("home/.ssh/parts");
    folder.write("home/.ssh/beside", "Host beside\n HostName 127.0.0.31");
    folder.write("home/.ssh/parts/one.conf", "Host part-one\n HostName 127.0.0.1");
    folder.write("home/.ssh/parts/two.conf", "Host part-two\n HostName 127.0.0.32");
    folder.write("home/.ssh/outer", "Include inner");
    folder.write("home/.ssh/inner", "Host nested\n HostName 127.0.0.33");
  }

  Sshd sshd{{.address = "0.0.0.0", .alsoIpv6 = true, .lines = {"ExposeAuthInfo yes"}}};
  Sshd other{{.address = "0.0.0.0", .lines = {"ExposeAuthInfo yes"}}};
  ParityMatrix matrix;
};

TEST_CASE("as ssh does: names, ports and accounts", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Where where;
  checkParity(where.matrix, kNames, kCommon);
}

TEST_CASE("as ssh does: the blocks of ssh_config", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Where where;
  checkParity(where.matrix, kBlocks, kCommon);
}

TEST_CASE("as ssh does: Include", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Where where;
  checkParity(where.matrix, kIncludes, kCommon);
}

TEST_CASE("as ssh does: IPv6", "[parity]") {
  bool hasIpv6 = readFile("/proc/net/if_inet6").starts_with(std::string(31, '0') + "1 ");
  if (!canReplaceHome() || !hasIpv6) SKIP("needs a mount namespace and ::1");
  Where where;
  checkParity(where.matrix, kIpv6, kCommon);
}

TEST_CASE("as ssh does: addresses", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  Where where;
  checkParity(where.matrix, kAddresses, kCommon);
}

}  // namespace
}  // namespace cbs::test
