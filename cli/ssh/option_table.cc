#include "cli/ssh/option_table.h"

#include <algorithm>

namespace cbs::cli {

const std::vector<SshOption>& sshOptions() {
  using M = SshOption::Meaning;
  static const std::vector<SshOption> kOptions = {
      {'1', "", M::REAL, "", "Handed over to ssh"},
      {'2', "", M::IGNORED, "", "Ignored: there is no other protocol"},
      {'4', "", M::FIRM, "AddressFamily=inet", "Use IPv4 only"},
      {'6', "", M::FIRM, "AddressFamily=inet6", "Use IPv6 only"},
      {'A', "", M::AGENT, "", "Forward the ssh-agent: handed over to ssh if there is one"},
      {'B', "INTERFACE", M::REAL, "", "Handed over to ssh"},
      {'C', "", M::IGNORED, "", "Ignored: the pool does not compress"},
      {'D', "ADDRESS", M::REAL, "", "Handed over to ssh"},
      {'E', "FILE", M::LOG_FILE, "", "Append messages to a file instead of standard error"},
      {'F', "FILE", M::CONFIG_FILE, "", "Read this configuration instead of the usual ones"},
      {'G', "", M::REAL_QUIETLY, "", "Print the configuration for the host (ssh does)"},
      {'I', "PKCS11", M::REAL, "", "Handed over to ssh"},
      {'J', "HOSTS", M::FIRST, "ProxyJump=", "Go by way of these hosts"},
      {'K', "", M::REAL, "", "Handed over to ssh"},
      {'L', "ADDRESS", M::REAL, "", "Handed over to ssh"},
      {'M', "", M::IGNORED, "", "Ignored: the pool shares connections"},
      {'N', "", M::REAL, "", "Handed over to ssh"},
      {'O', "WORD", M::REAL, "", "Handed over to ssh"},
      {'P', "TAG", M::REAL, "", "Handed over to ssh"},
      {'Q', "WORD", M::REAL_QUIETLY, "", "Print what ssh knows (ssh does)"},
      {'R', "ADDRESS", M::REAL, "", "Handed over to ssh"},
      {'S', "PATH", M::IGNORED, "", "Ignored: the pool shares connections"},
      {'T', "", M::NO_TERMINAL, "", "Ask for no terminal"},
      {'V', "", M::REAL_QUIETLY, "", "Print the version of ssh (ssh does)"},
      {'W', "ADDRESS", M::REAL, "", "Handed over to ssh"},
      {'X', "", M::REAL, "", "Handed over to ssh"},
      {'Y', "", M::REAL, "", "Handed over to ssh"},
      {'a', "", M::NO_AGENT, "", "Do not forward the ssh-agent"},
      {'b', "ADDRESS", M::FIRM, "BindAddress=", "Connect from this address"},
      {'c', "CIPHERS", M::FIRM, "Ciphers=", "Encrypt with these"},
      {'e', "CHAR", M::IGNORED, "", "Ignored: there are no escape characters"},
      {'f', "", M::REAL, "", "Handed over to ssh"},
      {'g', "", M::REAL, "", "Handed over to ssh"},
      {'i', "FILE", M::KEY_FILE, "", "Log in with this key"},
      {'k', "", M::IGNORED, "", "Ignored: no credentials are passed on"},
      {'l', "USER", M::USER, "", "Log in as this user"},
      {'m', "MACS", M::FIRM, "MACs=", "Authenticate packets with these"},
      {'n', "", M::NO_INPUT, "", "Read nothing from standard input"},
      {'o', "KEYWORD=VALUE", M::LINE, "", "Set what ssh_config can set"},
      {'p', "PORT", M::PORT, "", "Connect to this port"},
      {'q', "", M::QUIET, "", "No warnings"},
      {'s', "", M::SUBSYSTEM, "", "COMMAND is the name of a subsystem, such as sftp"},
      {'t', "", M::TERMINAL, "", "Ask for a terminal; twice: even if standard input is none"},
      {'v', "", M::VERBOSE, "", "Say at the end what the command cost"},
      {'w', "TUNNEL", M::REAL, "", "Handed over to ssh"},
      {'x', "", M::IGNORED, "", "Ignored: X11 is not forwarded"},
      {'y', "", M::IGNORED, "", "Ignored: messages do not go to the system's log"},
  };
  return kOptions;
}

const SshOption* findSshOption(char letter) {
  const auto& all = sshOptions();
  auto found = std::find_if(all.begin(), all.end(), [&](const SshOption& option) { return option.letter == letter; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace cbs::cli
