#include "cli/commands/commands.h"
#include "cli/output/exit_code.h"
#include "cli/ssh/option_table.h"
#include "cli/ssh/ssh_session.h"

#include <algorithm>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "What ssh does, over the pool: it takes ssh's own arguments, so that git, rsync, scp, sftp and Ansible can use it "
    "in ssh's place. What the pool does not do is handed over to the real ssh.\n\n"
    "The words of COMMAND are joined by spaces and are a line for the remote shell; without it a login shell runs. "
    "Exits with the remote status, or with 255.";

const char* const kExamples =
    "  cbsession ssh -p 2222 bob@web1 uptime\n"
    "  GIT_SSH_COMMAND='cbsession ssh' git fetch\n"
    "  rsync -e 'cbsession ssh' -a site/ web1:/srv/site/\n"
    "  scp -S cbsession-ssh file web1:               a program called cbsession-ssh does the same\n"
    "  ansible-playbook -e ansible_ssh_executable=cbsession-ssh site.yml\n";

// For --help and completion: arguments are read as ssh reads them.
void describeOptions(CLI::App& app) {
  for (const SshOption& option : sshOptions()) {
    auto name = std::string("-") + option.letter;
    if (*option.value == '\0') {
      app.add_flag(name, option.summary)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    } else {
      app.add_option(name, option.summary)->type_name(option.value);
    }
  }
}

// The options of ours, which go before those of ssh: it has none that are longer than a letter.
Arguments takeOwnOptions(Arguments& arguments) {
  auto isOwn = [](const std::string& word) {
    return word == "-h" || (word.size() > 2 && word.compare(0, 2, "--") == 0);
  };
  size_t count = 0;
  while (count < arguments.size() && isOwn(arguments[count])) {
    bool takesNext = arguments[count] == "--socket" || arguments[count] == "--config";
    count = std::min(count + (takesNext ? 2 : 1), arguments.size());
  }
  auto end = arguments.begin() + static_cast<long>(count);
  Arguments own(arguments.begin(), end);
  arguments.erase(arguments.begin(), end);
  return own;
}

}  // namespace

int runSsh(Arguments arguments) {
  std::string target;
  Arguments command;
  CommandLine line("ssh", kDescription, kExamples);
  addTarget(line.app(), target);
  line.app().add_option("COMMAND", command, "What to run there")->type_name("");
  describeOptions(line.app());
  line.addCommonOptions(CommandLine::Formats::none);
  Arguments own = takeOwnOptions(arguments);
  line.splitRemoteCommand(own);
  if (auto code = line.parse(std::move(own))) return *code == kUsage ? kSshFailure : *code;
  auto place = line.common().place();
  return SshSession(place, arguments).run();
}

}  // namespace cbs::cli
