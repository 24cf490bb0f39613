#include "cli/commands/commands.h"
#include "cli/transfer/transfer_command.h"

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Copy files and folders to a host, or to many. PATH is SRC... TARGET:DEST.\n\n"
    "Each file gets a temporary name there and is renamed when it is complete. A DEST that is a folder gets what is "
    "copied under its own name; of a SRC with a slash at the end, only the contents. A TARGET with colons of its own "
    "stands in brackets. What is there already, of the same size and time, is left alone with -r.\n\n"
    "TARGET may be a node set, such as web[1-9],db1 or @group; with --hosts-file, DEST is :DEST. Then each host has "
    "one line, a summary comes last, and the exit code is the highest of the hosts'.";

const char* const kExamples =
    "  cbsession upload app.tar web1:/srv/\n"
    "  cbsession upload -r site/ web1:/srv/www         the contents of site\n"
    "  cbsession upload -r --delete --exclude .git site/ web1:/srv/www\n"
    "  cbsession upload --resume --verify disk.img web1:\n"
    "  cbsession upload app.tar '[web1:2222]:/srv/'    a port of its own\n"
    "  cbsession upload app.tar 'web[01-20],db1:/srv/' on many hosts, 64 at once\n"
    "  cbsession upload -r --batch 25% --fail-fast site/ @web:/srv/www\n"
    "  cbsession upload --hosts-file hosts.txt app.tar :/srv/\n";

}  // namespace

int runUpload(Arguments arguments) {
  return runTransfer({"upload", kDescription, kExamples}, Direction::upload, std::move(arguments));
}

}  // namespace cbs::cli
