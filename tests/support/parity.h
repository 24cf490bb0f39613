// ssh and cbsession side by side on one ssh_config: who logs in where with which key, and who refuses.
#pragma once

#include "tests/support/cli_process.h"
#include "tests/support/private_agent.h"
#include "tests/support/sshd.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cbs::test {

// A login, as the server tells of it. In all texts here and below {words} stand for what the matrix has defined.
struct Login {
  std::string key = "{good}";         // type and key, or the certificate
  std::string address = "127.0.0.1";  // the server's own
  std::string port = "{port}";        // …
  std::string from = "127.0.0.1";     // ours, as the server sees it
  std::string variable = "";          // what $LC_PARITY is there
};

// A refusal. ssh has one exit status for all of them, so its words tell which it was.
struct Refusal {
  int code;             // cbsession's exit code
  std::string sshSays;  // part of ssh's errors
  std::string weSay;    // part of cbsession's
};

using Outcome = std::variant<Login, Refusal>;

// A line that a server's log must gain from each of the two: proof of what cannot be seen at the end of the way.
struct Witness {
  std::string server;  // as the matrix knows it
  std::string text;    // part of the line
};

struct ParityCase {
  std::string name;         // a sentence
  std::string config = "";  // lines of ssh_config
  std::string target;       // as cbsession takes it
  Outcome outcome = Login{};

  Environment environment = {};                // of both callers
  std::optional<std::string> knownHosts = {};  // what {known}, a file of the case's own, is before each of the two
  std::string added = "";                      // … and what each adds; "|1|" stands for any hashed name
  std::vector<Witness> witnesses = {};
  bool withoutSsh = false;  // only cbsession is run: ssh would wait for ever, or leave a trace
};

// A daemon and its ssh_config, which is that of all the cases together and the lines that are common to them. Both
// programs find a home folder of their own where the account's is. Define, load(), then ask for each case:
//
//   INFO(parityCase.name);
//   CHECK(matrix.faultsOf(parityCase) == "");
class ParityMatrix {
 public:
  ParityMatrix();

  // Let {word} stand for a text.
  void define(const std::string& word, const std::string& text) { words_[word] = text; }
  // Let {NAME} stand for the server's port, {NAME-host} for its name in known_hosts, {NAME-known} for its lines there,
  // {NAME-key} for the public and {NAME-key-file} for the private key that it lets in. Witnesses may name it.
  void add(const std::string& name, const Sshd& server);
  // Writes a file with such words in it; {NAME} becomes its path.
  void write(const std::string& name, const std::string& content, unsigned mode = 0600);

  // Writes the cases' ssh_config, with `common` last, and starts the daemon.
  void load(const std::vector<ParityCase>& cases, const std::string& common);
  // Runs a case and tells what was not as it should be: "" if all was.
  std::string faultsOf(const ParityCase& parityCase);

  PrivateAgent& agent() { return agent_; }
  std::string expand(const std::string& text) const;

 private:
  struct Observed;
  Program sshProgram(const ParityCase& parityCase) const;
  Program ourProgram(const ParityCase& parityCase) const;
  void prepare(const ParityCase& parityCase) const;
  Observed observe(const ParityCase& parityCase, const Program& program);
  std::pair<Observed, Observed> observeBoth(const ParityCase& parityCase);
  std::string knownFileOf(const ParityCase& parityCase) const;
  std::string faultsIn(const ParityCase& parityCase, const Observed& ssh, const Observed& ours) const;
  std::string faultsOfOne(const std::string& who, const ParityCase& parityCase, const Observed& observed) const;
  std::string faultsOfSsh(const Outcome& outcome, const CliResult& result) const;
  std::string faultsOfOurs(const Outcome& outcome, const CliResult& result) const;
  std::string expectedOutput(const Login& login) const;

  PrivateAgent agent_;
  std::map<std::string, std::string> words_;
  std::map<std::string, const Sshd*> servers_;
};

}  // namespace cbs::test
