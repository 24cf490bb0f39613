#include "cli/commands/commands.h"
#include "cli/transfer/transfer_command.h"

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Copy files and folders from a host to another, to a host or from one. PATH is SRC... DEST; either can be "
    "TARGET:PATH, and all SRC are in one place.\n\n"
    "From host to host it goes through the daemon: the hosts need not reach each other. All else is as with upload and "
    "download.";

const char* const kExamples =
    "  cbsession copy web1:/srv/app.tar web2:/srv/\n"
    "  cbsession copy -r --delete web1:/srv/www/ web2:/srv/www\n"
    "  cbsession copy -r -n site/ web1:/srv/www        what upload would do\n";

}  // namespace

int runCopy(Arguments arguments) {
  return runTransfer({"copy", kDescription, kExamples}, Direction::copy, std::move(arguments));
}

}  // namespace cbs::cli
