#include "agentd/rpc/ssh_options.h"

#include "common/not_allowed.h"
#include "common/socket_folder.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace cbs::rpc {
namespace {

constexpr unsigned kMostOptions = 100;
constexpr size_t kMaxOptionBytes = size_t{16} * 1024;  // they are kept with the answers that they lead to

tl::unexpected<Error> unusable(std::string detail) {
  return fail(ErrorKind::USAGE, Reason::BAD_REQUEST, std::move(detail));
}

// What others may say, too: git says SendEnv of each command, Ansible how to log in. None of it runs or opens anything
// here. User is not among them: it can reach a shell, by a ProxyCommand, and a target's is checked for that.
const std::set<std::string_view> kHarmless = {
    "addressfamily",
    "batchmode",
    "clearallforwardings",
    "compression",
    "connectionattempts",
    "connecttimeout",
    "forwardagent",
    "forwardx11",
    "kbdinteractiveauthentication",
    "loglevel",
    "passwordauthentication",
    "permitlocalcommand",
    "port",
    "preferredauthentications",
    "pubkeyauthentication",
    "remotecommand",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "serveraliveinterval",
    "setenv",
};

// In the one form in which nobody can read another keyword: letters from the first byte on, and then `=` or a blank.
bool isHarmless(const std::string& line) {
  auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  auto end = std::find_if_not(line.begin(), line.end(), isLetter);
  if (end == line.end() || (*end != '=' && *end != ' ')) return false;
  return kHarmless.count(identity::optionKeyword(line)) > 0;
}

bool mayGive(const identity::SshOptions& options, uid_t user) {
  if (isTrusted(user)) return true;
  return options.configFile.empty() && std::all_of(options.lines.begin(), options.lines.end(), isHarmless);
}

bool isLine(const std::string& text) { return text.find_first_of(std::string_view("\0\n", 2)) == text.npos; }

Expected<void> check(const identity::SshOptions& options) {
  const auto& file = options.configFile;
  bool named = file.empty() || file == "none" || file.starts_with('/');
  if (!named) return unusable("a configuration of ssh is named by an absolute path, or as none");
  size_t bytes = file.size();
  for (const auto& line : options.lines) {
    if (line.empty() || !isLine(line)) return unusable("an option of ssh is one line: Keyword=value");
    bytes += line.size();
  }
  if (bytes > kMaxOptionBytes) return unusable("the options of ssh have more than 16 KiB");
  return {};
}

}  // namespace

Expected<identity::SshOptions> sshOptionsOf(schema::ExecRequest::Reader request, uid_t user) {
  auto lines = request.getSshOptions();
  if (lines.size() > kMostOptions) return unusable("more than 100 options of ssh");
  identity::SshOptions options{.configFile = request.getSshConfigFile().cStr()};
  for (auto line : lines) options.lines.emplace_back(line.begin(), line.size());
  if (!mayGive(options, user)) {
    return fail(*asNotAllowed(
        notAllowed("options of ssh that can name programs or files are for the daemon's own user and root")));
  }
  if (auto checked = check(options); !checked) return fail(checked.error());
  return options;
}

}  // namespace cbs::rpc
