// How `cbsession ssh` reads the arguments of ssh.
#include "cli/ssh/ssh_arguments.h"

#include "tests/support/child_process.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

using Terminal = SshCommand::Terminal;
using Words = std::vector<std::string>;

SshCommand read(const Words& words) {
  auto command = readSshArguments(words, "/here");
  INFO((command ? "" : command.error()));
  REQUIRE(command);
  return *command;
}

std::string faultOf(const Words& words) {
  auto command = readSshArguments(words, "/here");
  return command ? "none" : command.error();
}

TEST_CASE("the host may stand between options, and the command's own options are left to it") {
  struct Case {
    Words words;
    std::string target;
    std::string command;
  };
  for (const auto& [words, target, command] : std::vector<Case>{
           {{"web1"}, "web1", ""},
           {{"web1", "uptime"}, "web1", "uptime"},
           {{"web1", "ls", "-l", "a b"}, "web1", "ls -l a b"},
           {{"web1", "", "x"}, "web1", " x"},
           {{"web1", "--", "-x"}, "web1", "-x"},
           {{"--", "web1", "-x"}, "web1", "-x"},
           {{"--", "web1", "--", "x"}, "web1", "-- x"},
           {{"-p", "22", "web1", "-l", "bob", "id"}, "bob@web1:22", "id"},
           {{"-p22", "-lbob", "web1"}, "bob@web1:22", ""},
           {{"-nTp22", "web1", "-"}, "web1:22", "-"},
           {{"bob@web1"}, "bob@web1", ""},
           {{"a@b@web1"}, "a@b@web1", ""},
           {{"-l", "eve", "bob@web1"}, "eve@web1", ""},
           {{"bob@web1", "-l", "eve"}, "bob@web1", ""},
           {{"-o", "User=\"eve\"", "bob@web1"}, "eve@web1", ""},
           {{"-o", "User=%u", "bob@web1"}, "web1", ""},
           {{"-oport 23", "-p", "22", "web1"}, "web1:23", ""},
           {{"ssh://bob@web1:2222"}, "bob@web1:2222", ""},
           {{"ssh://web1/", "id"}, "web1", "id"},
           {{"ssh://[::1]:22"}, "[::1]:22", ""},
           {{"-p", "22", "::1"}, "[::1]:22", ""},
           {{"::1"}, "::1", ""},
       }) {
    auto result = read(words);
    CHECK(result.target == target);
    CHECK(result.command == command);
    CHECK(result.beyondUs == "");
  }
}

TEST_CASE("what is set counts in the order that ssh has") {
  CHECK(read({"-o", "Ciphers=a", "-c", "b", "web1", "-4"}).options ==
        Words{"AddressFamily=inet", "Ciphers=b", "Ciphers=a"});
  CHECK(read({"-J", "a,b", "-oProxyJump=c", "web1"}).options == Words{"ProxyJump=a,b", "ProxyJump=c"});
  CHECK(read({"-b", "127.0.0.2", "-m", "hmac-sha2-256", "web1"}).options ==
        Words{"MACs=hmac-sha2-256", "BindAddress=127.0.0.2"});
}

TEST_CASE("words of ssh_config may be written in capitals") {
  CHECK(read({"-oLogLevel=error", "web1"}).quiet);
  CHECK(read({"-oLogLevel=QUIET", "web1"}).quiet);
  CHECK(read({"-oStdinNull=Yes", "web1"}).noInput);
  CHECK(read({"-oRequestTTY=Force", "web1"}).terminal == Terminal::FORCED);
  CHECK(read({"-oSessionType=Subsystem", "web1", "sftp"}).subsystem);
  CHECK(read({"-o", "", "web1"}).options.empty());
  CHECK_FALSE(read({"-oForwardAgent=No", "web1"}).forwardsAgent);
  CHECK_FALSE(read({"-oForwardAgent=false", "web1"}).forwardsAgent);
}

TEST_CASE("relative paths are those of the caller's folder") {
  auto keys = read({"-i", "key", "-i", "~/key", "-i", "/a key", "web1"});
  CHECK(keys.keyFiles == Words{"/here/key", "~/key", "/a key"});
  CHECK(keys.options == Words{"IdentityFile=/here/key", "IdentityFile=~/key", "IdentityFile=\"/a key\""});
  CHECK(read({"-oUserKnownHostsFile=a /b", "web1"}).options == Words{"userknownhostsfile=/here/a /b"});
  CHECK(read({"-oUserKnownHostsFile none", "web1"}).options == Words{"UserKnownHostsFile none"});
  CHECK(read({"-F", "config", "web1"}).configFile == "/here/config");
  CHECK(read({"-Fnone", "web1"}).configFile == "none");
}

TEST_CASE("a terminal is wanted, forced or refused, and the command line goes before lines") {
  CHECK(read({"web1"}).terminal == Terminal::AUTOMATIC);
  CHECK(read({"-t", "web1"}).terminal == Terminal::WANTED);
  CHECK(read({"-tt", "web1"}).terminal == Terminal::FORCED);
  CHECK(read({"-t", "web1", "-t"}).terminal == Terminal::FORCED);
  CHECK(read({"-tT", "web1"}).terminal == Terminal::NEVER);
  CHECK(read({"-oRequestTTY=force", "web1"}).terminal == Terminal::FORCED);
  CHECK(read({"-T", "-oRequestTTY=force", "web1"}).terminal == Terminal::NEVER);
}

TEST_CASE("what the pool sees to is left out, and what it does not do is told") {
  CHECK(
      read({"-M", "-S", "none", "-C", "-x", "-oControlMaster=auto", "-oControlPath=/x", "-oControlPersist=60s", "web1"})
          .options.empty());
  for (const auto& [words, what] : std::vector<std::pair<Words, std::string>>{
           {{"-L", "1:b:2", "web1"}, "ssh -L"},
           {{"-N", "web1"}, "ssh -N"},
           {{"-W", "a:1", "web1"}, "ssh -W"},
           {{"-fN", "web1"}, "ssh -f"},
           {{"-oLocalForward=1 b:2", "web1"}, "localforward"},
           {{"-o", "RemoteCommand ls", "web1"}, "remotecommand"},
           {{"-oPermitLocalCommand=yes", "web1"}, "permitlocalcommand"},
           {{"-oSessionType=none", "web1"}, "sessiontype"},
           {{"-G", "web1"}, "ssh -G"},
           {{"-V"}, "ssh -V"},
           {{"-Q", "cipher"}, "ssh -Q"},
           {{"-L", "1:b:2", "-%", "web1"}, "ssh -L"},  // ssh says what is wrong
       }) {
    auto command = read(words);
    CHECK(command.beyondUs == what);
    CHECK(command.beyondQuietly == (what == "ssh -G" || what == "ssh -V" || what == "ssh -Q"));
  }
  // scp and sftp say these of every connection.
  CHECK(read({"-x", "-oPermitLocalCommand=no", "-oClearAllForwardings=yes", "-oRemoteCommand=none", "-oRequestTTY=no",
              "-oForwardAgent=no", "-l", "me", "-s", "--", "web1", "sftp"})
            .beyondUs == "");
}

TEST_CASE("an agent that is not to be forwarded is none that a configuration forwards") {
  CHECK(read({"-a", "web1"}).options == Words{"ForwardAgent=no"});
  CHECK(read({"-oForwardAgent=no", "web1"}).options == Words{"ForwardAgent=no"});
  CHECK(read({"-oForwardAgent=yes", "web1"}).forwardsAgent);
}

TEST_CASE("a subsystem, silence and input are read from options and from lines") {
  auto command = read({"-s", "web1", "sftp"});
  CHECK(command.subsystem);
  CHECK(command.command == "sftp");
  CHECK(read({"-oSessionType=subsystem", "web1", "sftp"}).subsystem);
  CHECK(read({"-q", "web1"}).quiet);
  CHECK(read({"-o", "LogLevel=ERROR", "web1"}).quiet);
  CHECK(read({"-n", "web1"}).noInput);
  CHECK(read({"-oStdinNull=yes", "web1"}).noInput);
  CHECK(read({"-A", "web1"}).forwardsAgent);
  CHECK_FALSE(read({"-A", "-a", "web1"}).forwardsAgent);
  CHECK(read({"-E", "log", "web1"}).logFile == "log");
}

TEST_CASE("arguments that make no sense are refused in words") {
  CHECK(faultOf({}) == "a host is missing");
  CHECK(faultOf({"-q"}) == "a host is missing");
  CHECK(faultOf({"-z", "web1"}) == "unknown option -z");
  CHECK(faultOf({"web1", "-p"}) == "the option -p has no value");
  CHECK(faultOf({"-p", "0", "web1"}) == "-p: '0' is no port");
  CHECK(faultOf({"-p", "70000", "web1"}) == "-p: '70000' is no port");
  CHECK(faultOf({"@web1"}) == "'@web1' is no [user@]host");
  CHECK(faultOf({"ssh://web1:x"}) == "'ssh://web1:x' is no [user@]host");
  CHECK(faultOf({"-s", "web1"}) == "-s: the name of a subsystem is missing");
}

// What ssh would do with our reading of the arguments: the target's user and port count before the lines.
std::string printedForUs(const SshCommand& command) {
  Words argv = {"ssh", "-GT", "-F", "none", "ssh://" + command.target};
  for (const auto& option : command.options) argv.insert(argv.end(), {"-o", option});
  return test::runProgram(argv);
}

// Without the first line, in which a release of ssh has the host as it was typed.
std::string settingsIn(const std::string& text) {
  auto at = text.find("host ");
  return at == 0 ? text.substr(text.find('\n') + 1) : text;
}

TEST_CASE("ssh itself understands our reading as it understands the arguments") {
  for (const auto& words : std::vector<Words>{
           {"web1"},
           {"-l", "eve", "bob@web1"},
           {"bob@web1", "-l", "eve"},
           {"-o", "User=eve", "-l", "bob", "web1"},
           {"-o", "User \"eve\"", "bob@web1"},
           {"-p", "23", "-o", "Port=24", "web1"},
           {"-o", "Port=24", "-p", "23", "web1"},
           {"ssh://bob@web1:2222", "-p", "23"},
           {"-p", "2222", "ssh://bob@web1:23"},
           {"-4", "-o", "AddressFamily=inet6", "web1"},
           {"-6", "-4", "web1"},
           {"-c", "aes128-ctr", "-o", "Ciphers=aes256-ctr", "web1"},
           {"-m", "hmac-sha2-256", "-oMACs=hmac-sha2-512", "web1"},
           {"-J", "bob@jump:2222", "web1"},
           {"-oConnectTimeout=5", "-oConnectTimeout=6", "web1"},
           {"-i", "/etc/hosts", "-oIdentityFile=/keys/b", "web1"},
           {"-oStrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "web1"},
           {"-o", "SendEnv=A B", "-oSendEnv C", "-oSetEnv=X=1", "web1"},
           {"-b", "127.0.0.2", "-o", "BindAddress=127.0.0.3", "web1"},
           {"-oKbdInteractiveAuthentication=no", "-oPreferredAuthentications=publickey", "-o", "User=\"root\"", "web1"},
       }) {
    Words argv = {"ssh", "-GT", "-F", "none"};
    argv.insert(argv.end(), words.begin(), words.end());
    CHECK(settingsIn(printedForUs(read(words))) == settingsIn(test::runProgram(argv)));
  }
}

}  // namespace
}  // namespace cbs::cli
