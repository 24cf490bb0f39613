// A real OpenSSH server on loopback.
#pragma once

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cbs::test {

struct SshdOptions {
  enum class Limits {
    kGenerous,  // MaxSessions and MaxStartups of 1000: they are never in the way
    kDefaults,  // sshd's own: ten sessions a connection, ten logins under way
  };
  Limits limits = Limits::kGenerous;
  std::string address = "127.0.0.1";                // 0.0.0.0: every loopback address
  std::vector<std::string> hostKeys = {"ed25519"};  // of ed25519, ecdsa, rsa
  bool alsoIpv6 = false;                            // ::1 too
  std::vector<std::string> lines = {};              // of sshd_config, before all others (the first value counts)
  std::string sftp = "internal-sftp";               // what its SFTP subsystem runs; "": there is none
};

// An sshd with keys of its own that lets one throw-away key in, as an ordinary account whose shell is /bin/sh: as root
// that is the account `cbstest`, made once, else the current user. It goes, with all its children, with the object.
class Sshd {
 public:
  explicit Sshd(SshdOptions options = {});
  ~Sshd();

  // An address that it answers at (127.0.0.1 for 0.0.0.0).
  std::string address() const;
  uint16_t port() const { return port_; }
  const std::string& user() const { return user_; }
  // The private key that it lets in (ed25519, not encrypted). The public one is beside it, with `.pub`.
  const std::string& keyFile() const { return keyFile_; }
  // Its host keys as known_hosts lines for `name`: "[127.0.0.1]:port" if empty.
  std::string knownHosts(const std::string& name = "") const;
  // A host key's public line: "ssh-ed25519 AAAA…".
  std::string hostKey(const std::string& type = "ed25519") const;
  // Lets another key in: a line of authorized_keys.
  void letIn(const std::string& line) const;
  // A folder that its user may write to.
  const std::string& remoteFolder() const { return remoteFolder_; }
  // What it wrote to its log, with LogLevel VERBOSE.
  std::string log() const;
  pid_t pid() const { return process_->pid(); }

  // Ends the server and every connection, at once.
  void kill();
  // Ends every connection, at once; new ones are welcome.
  void killConnections();
  // Starts it again after kill(), on the same port, with the same keys or with new host keys.
  void restart();
  void restartWithNewHostKeys();
  // Starts it again with a certificate for each host key, as ssh-keygen makes it with these options. `authority` is a
  // private key's file.
  void restartWithCertificates(const std::string& authority, const std::vector<std::string>& options);

 private:
  void makeHostKeys();
  void writeConfiguration();
  void start();
  bool tryStart();

  SshdOptions options_;
  TempFolder folder_;
  std::string user_;
  std::string keyFile_;
  std::string remoteFolder_;
  bool certified_ = false;
  uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace cbs::test
