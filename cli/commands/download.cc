#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/output/print.h"
#include "cli/transfer/local_file.h"
#include "cli/transfer/open_file.h"
#include "cli/transfer/transfer_options.h"
#include "cli/transfer/transfer_run.h"

#include <signal.h>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Copy a file from a host.\n\n"
    "It gets a temporary name here and is renamed when it is complete. PATH is TARGET:SRC DEST; a DEST that is a "
    "folder "
    "gets the file under its own name. The file has the permissions that it has on the host, less the umask.";

const char* const kExamples =
    "  cbsession download web1:/var/log/syslog .\n"
    "  cbsession download web1:notes/a.txt b.txt     from the home directory\n"
    "  cbsession download '[web1:2222]:/etc/motd' .  a port of its own\n";

TransferEnd download(kj::AutoCloseFd socket, const TransferOptions& options, const RemotePath& remote,
                     DestinationFile& destination) {
  Session session(kj::mv(socket));
  Interrupts interrupts(session.loop().port, {SIGINT, SIGTERM, SIGHUP});
  ProgressDisplay display(session.loop().timer, fileNameOf(remote.path), options.quiet);
  TransferRun run(session, interrupts, display);
  auto request = session.agent().downloadRequest();
  describeTransfer(session.loop(), options, remote, request.initRequest());
  request.setDestination(kj::heap<OpenFileServer>(destination.fd()));
  request.setObserver(run.observer());
  auto end = run.wait(request.send());
  if (end.error.kind != ErrorKind::NONE) return end;
  if (auto kept = destination.keep(end.result->getMode()); !kept) end.error = std::move(kept.error());
  return end;
}

}  // namespace

int runDownload(Arguments arguments) {
  TransferOptions options;
  CommandLine line("download", kDescription, kExamples);
  addTransferOptions(line.app(), options);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(options); !problem.empty()) return line.complain(problem);
  auto remote = parseRemotePath(options.paths[0]);
  if (!remote) return line.complain(remote.error().detail);
  if (isRemotePath(options.paths[1])) return line.complain("DEST must be local: " + options.paths[1]);
  std::string name = fileNameOf(remote->path);
  if (name.empty()) return line.complain(options.paths[0] + " names a folder, and cbsession moves single files so far");

  bool json = line.common().json();
  auto reached = reachDaemon(line.common().place());
  if (!reached) return reportFailure(reached.error(), remote->target, json);
  auto destination = DestinationFile::create(options.paths[1], name);
  if (!destination) return reportFailure(destination.error(), "", json);
  auto end = download(kj::mv(reached->socket), options, *remote, *destination);
  return reportTransfer(end, *remote, destination->path(), options, json);
}

}  // namespace cbs::cli
