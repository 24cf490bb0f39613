#include "tests/support/parity.h"

#include "tests/support/account.h"
#include "tests/support/text.h"

#include <pwd.h>
#include <unistd.h>

#include <cctype>

namespace cbs::test {
namespace {

constexpr const char* kCommand =
    "cat \"$SSH_USER_AUTH\"; echo \"$SSH_CONNECTION\" | cut -d' ' -f1,3,4; id -un; echo \"$LC_PARITY\"";
constexpr int kSshRefuses = 255;

// The breakers are out of the way: each case stands for itself, whatever the one before has come to.
AgentSettings settings() {
  return {.rest = "[breaker]\nfailure_threshold = 1000000\nopen_ms = 10\nlogin_open_ms = 10\n", .ownHome = true};
}

size_t countOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// ssh takes a port by -p, or in a URL, which must have no IPv6 address in it.
std::vector<std::string> asSshTakesIt(std::string target) {
  size_t colon = target.rfind(':');
  bool bracketed = contains(target, "]:");
  bool hasPort = bracketed || (colon != std::string::npos && target.find(':') == colon);
  if (!hasPort) return {target};
  std::string port = target.substr(colon + 1);
  target.erase(colon);
  std::erase_if(target, [](char c) { return c == '[' || c == ']'; });
  return {"-p", port, target};
}

// Each salt is another one.
std::string withoutHashes(std::string text) {
  for (size_t at = 0; (at = text.find("|1|", at)) != std::string::npos; at += 3) {
    text.erase(at + 3, text.find(' ', at) - at - 3);
  }
  return text;
}

std::string told(const std::string& who, const CliResult& result) {
  return who + " exited with " + std::to_string(result.code) + "\n" + result.out + result.err;
}

std::string faultsOfLogin(const std::string& who, const std::string& output, const CliResult& result) {
  if (result.code == 0 && result.out == output) return "";
  return told(who, result) + "where it should have printed\n" + output;
}

std::string faultsOfRefusal(const std::string& who, int code, const std::string& words, const CliResult& result) {
  if (result.code == code && result.out.empty() && contains(result.err, words)) return "";
  return told(who, result) + "where it should have exited with " + std::to_string(code) + " and said: " + words + "\n";
}

}  // namespace

// What one of the two programs has done.
struct ParityMatrix::Observed {
  CliResult result = {};
  std::string knownHosts = {};           // the file afterwards
  std::vector<std::string> unseen = {};  // what no witness has seen
};

ParityMatrix::ParityMatrix() : agent_(settings()) {
  define("user", testAccount());
  define("me", getpwuid(getuid())->pw_name);
  define("config", agent_.folder().path("ssh_config"));
  define("home", agent_.folder().path("home"));
}

void ParityMatrix::add(const std::string& name, const Sshd& server) {
  servers_[name] = &server;
  define(name, std::to_string(server.port()));
  define(name + "-host", "[" + server.address() + "]:" + std::to_string(server.port()));
  define(name + "-known", server.knownHosts());
  std::string key = readFile(server.keyFile() + ".pub");
  define(name + "-key", key.substr(0, key.find(' ', key.find(' ') + 1)));
  define(name + "-key-file", server.keyFile());
}

void ParityMatrix::write(const std::string& name, const std::string& content, unsigned mode) {
  define(name, agent_.folder().write(name, expand(content), mode));
}

std::string ParityMatrix::expand(const std::string& text) const {
  std::string expanded;
  for (size_t at = 0; at < text.size(); ++at) {
    size_t close = text[at] == '{' ? text.find('}', at) : std::string::npos;
    auto word = close == std::string::npos ? words_.end() : words_.find(text.substr(at + 1, close - at - 1));
    if (word == words_.end()) {
      expanded += text[at];
      continue;
    }
    expanded += word->second;
    at = close;
  }
  return expanded;
}

std::string ParityMatrix::knownFileOf(const ParityCase& parityCase) const {
  std::string name = "known_hosts_of_";
  for (char c : parityCase.name) name += isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return agent_.folder().path(name);
}

void ParityMatrix::load(const std::vector<ParityCase>& cases, const std::string& common) {
  std::string config;
  for (const ParityCase& parityCase : cases) {
    define("known", knownFileOf(parityCase));
    config += expand(parityCase.config) + "\n";
  }
  agent_.folder().write("ssh_config", config + "Host *\n" + expand(common) + "\n");
  agent_.start();
}

Program ParityMatrix::sshProgram(const ParityCase& parityCase) const {
  Environment environment = parityCase.environment;
  environment.insert(agent_.environment().begin(), agent_.environment().end());
  std::vector<std::string> argv = {"ssh", "-F", agent_.folder().path("ssh_config"), "-o", "BatchMode=yes"};
  for (const std::string& word : asSshTakesIt(expand(parityCase.target))) argv.push_back(word);
  argv.push_back(kCommand);
  return {.argv = argv, .environment = environment, .home = agent_.home()};
}

Program ParityMatrix::ourProgram(const ParityCase& parityCase) const {
  return agent_.cliProgram({"exec", expand(parityCase.target), kCommand}, parityCase.environment);
}

void ParityMatrix::prepare(const ParityCase& parityCase) const {
  std::string file = knownFileOf(parityCase);
  std::string name = file.substr(file.rfind('/') + 1);
  if (parityCase.knownHosts) agent_.folder().write(name, expand(*parityCase.knownHosts));
}

ParityMatrix::Observed ParityMatrix::observe(const ParityCase& parityCase, const Program& program) {
  prepare(parityCase);
  std::vector<size_t> seen;
  for (const Witness& witness : parityCase.witnesses) {
    seen.push_back(countOf(servers_.at(witness.server)->log(), expand(witness.text)));
  }
  Observed observed{.result = CliProcess(program).finish()};
  observed.knownHosts = readFile(knownFileOf(parityCase));
  for (size_t i = 0; i < seen.size(); ++i) {
    const Witness& witness = parityCase.witnesses[i];
    bool grew = countOf(servers_.at(witness.server)->log(), expand(witness.text)) > seen[i];
    if (!grew) observed.unseen.push_back("the log of " + witness.server + " does not say: " + expand(witness.text));
  }
  return observed;
}

// At the same time, unless each is to leave traces of its own.
std::pair<ParityMatrix::Observed, ParityMatrix::Observed> ParityMatrix::observeBoth(const ParityCase& parityCase) {
  if (parityCase.withoutSsh) return {{}, observe(parityCase, ourProgram(parityCase))};
  bool oneByOne = !parityCase.added.empty() || !parityCase.witnesses.empty();
  if (oneByOne) {
    Observed ssh = observe(parityCase, sshProgram(parityCase));
    return {ssh, observe(parityCase, ourProgram(parityCase))};
  }
  prepare(parityCase);
  CliProcess sshRuns(sshProgram(parityCase)), weRun(ourProgram(parityCase));
  Observed ssh{.result = sshRuns.finish()}, ours{.result = weRun.finish()};
  ssh.knownHosts = ours.knownHosts = readFile(knownFileOf(parityCase));
  return {ssh, ours};
}

std::string ParityMatrix::faultsOf(const ParityCase& parityCase) {
  ParityCase expanded = parityCase;
  for (auto& [name, value] : expanded.environment) value = expand(value);
  auto [ssh, ours] = observeBoth(expanded);
  std::string faults = faultsIn(expanded, ssh, ours);
  // The next case is to log in afresh.
  agent_.cli({"disconnect", "--all"});
  return faults;
}

std::string ParityMatrix::expectedOutput(const Login& login) const {
  return expand("publickey " + login.key + "\n" + login.from + " " + login.address + " " + login.port + "\n{user}\n" +
                login.variable + "\n");
}

std::string ParityMatrix::faultsIn(const ParityCase& parityCase, const Observed& ssh, const Observed& ours) const {
  std::string faults;
  if (!parityCase.withoutSsh) faults += faultsOfOne("ssh", parityCase, ssh);
  return faults + faultsOfOne("cbsession", parityCase, ours);
}

std::string ParityMatrix::faultsOfOne(const std::string& who, const ParityCase& parityCase,
                                      const Observed& observed) const {
  const Outcome& outcome = parityCase.outcome;
  std::string faults = who == "ssh" ? faultsOfSsh(outcome, observed.result) : faultsOfOurs(outcome, observed.result);
  std::string known = expand(parityCase.knownHosts.value_or("") + parityCase.added);
  if (parityCase.knownHosts && withoutHashes(observed.knownHosts) != withoutHashes(known)) {
    faults += who + " left in known_hosts\n" + observed.knownHosts + "where it should be\n" + known;
  }
  for (const std::string& unseen : observed.unseen) faults += who + ": " + unseen + "\n";
  return faults;
}

std::string ParityMatrix::faultsOfSsh(const Outcome& outcome, const CliResult& result) const {
  if (const auto* login = std::get_if<Login>(&outcome)) return faultsOfLogin("ssh", expectedOutput(*login), result);
  return faultsOfRefusal("ssh", kSshRefuses, expand(std::get<Refusal>(outcome).sshSays), result);
}

std::string ParityMatrix::faultsOfOurs(const Outcome& outcome, const CliResult& result) const {
  if (const auto* login = std::get_if<Login>(&outcome))
    return faultsOfLogin("cbsession", expectedOutput(*login), result);
  const auto& refusal = std::get<Refusal>(outcome);
  return faultsOfRefusal("cbsession", refusal.code, expand(refusal.weSay), result);
}

}  // namespace cbs::test
