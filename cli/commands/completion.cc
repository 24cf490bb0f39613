#include "cli/commands/commands.h"
#include "cli/completion/scripts.h"
#include "cli/output/print.h"

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Print the script that makes a shell complete commands, options and their values, hosts of ssh_config, jobs, and "
    "files on hosts. The latter two are asked of the daemon, if one runs.";

const char* const kExamples =
    "  eval \"$(cbsession completion bash)\"                                 in ~/.bashrc\n"
    "  eval \"$(cbsession completion zsh)\"                                  in ~/.zshrc, after compinit\n"
    "  cbsession completion fish >~/.config/fish/completions/cbsession.fish\n";

}  // namespace

int runCompletion(Arguments arguments) {
  std::string shell;
  CommandLine line("completion", kDescription, kExamples);
  line.app().add_option("bash|zsh|fish", shell, "The shell")->required()->type_name("");
  if (auto code = line.parse(std::move(arguments))) return *code;
  auto script = completionScript(shell);
  if (script.empty()) return line.complain("'" + shell + "' is none of bash, zsh and fish");
  print(script);
  return 0;
}

}  // namespace cbs::cli
