#include "cli/commands/commands.h"
#include "cli/transfer/transfer_command.h"

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Copy files and folders from a host. PATH is TARGET:SRC... DEST; all SRC are on one host, and may be patterns.\n\n"
    "Each file gets a temporary name here and is renamed when it is complete. A DEST that is a folder gets what is "
    "copied under its own name; of a SRC with a slash at the end, only the contents. What is here already, of the same "
    "size and time, is left alone with -r.";

const char* const kExamples =
    "  cbsession download web1:/var/log/syslog .\n"
    "  cbsession download 'web1:/var/log/*.gz' logs/   a pattern, for the host\n"
    "  cbsession download -r web1:/srv/www/ site       the contents of www\n"
    "  cbsession download web1:notes/a.txt b.txt       from the home directory\n"
    "  cbsession download '[web1:2222]:/etc/motd' .    a port of its own\n";

}  // namespace

int runDownload(Arguments arguments) {
  return runTransfer({"download", kDescription, kExamples}, Direction::download, std::move(arguments));
}

}  // namespace cbs::cli
