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
    "Copy a file to a host.\n\n"
    "It gets a temporary name there and is renamed when it is complete. PATH is SRC TARGET:DEST; a DEST that is a "
    "folder "
    "gets the file under its own name. A TARGET with colons of its own stands in brackets.";

const char* const kExamples =
    "  cbsession upload app.tar web1:/srv/\n"
    "  cbsession upload app.tar web1:                to the home directory\n"
    "  cbsession upload -- -odd-name me@web1:odd\n"
    "  cbsession upload app.tar '[web1:2222]:/srv/'  a port of its own\n";

TransferEnd upload(kj::AutoCloseFd socket, const TransferOptions& options, const RemotePath& remote,
                   const SourceFile& source, const std::string& name) {
  Session session(kj::mv(socket));
  Interrupts interrupts(session.loop().port, {SIGINT, SIGTERM, SIGHUP});
  ProgressDisplay display(session.loop().timer, name, options.quiet);
  TransferRun run(session, interrupts, display);
  auto request = session.agent().uploadRequest();
  describeTransfer(session.loop(), options, remote, request.initRequest());
  auto spec = request.getRequest().getSpec();
  spec.setSize(source.size);
  spec.setMode(source.mode);
  spec.setIntoDirectoryAs(kj::arrayPtr(reinterpret_cast<const kj::byte*>(name.data()), name.size()));
  request.setSource(kj::heap<OpenFileServer>(source.fd));
  request.setObserver(run.observer());
  return run.wait(request.send());
}

}  // namespace

int runUpload(Arguments arguments) {
  TransferOptions options;
  CommandLine line("upload", kDescription, kExamples);
  addTransferOptions(line.app(), options);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(options); !problem.empty()) return line.complain(problem);
  if (isRemotePath(options.paths[0])) {
    return line.complain(options.paths[0] + " is on a host; a local file with a colon in its name is ./NAME");
  }
  auto remote = parseRemotePath(options.paths[1]);
  if (!remote) return line.complain(remote.error().detail);

  bool json = line.common().json();
  const std::string& path = options.paths[0];
  auto source = openSource(path);
  if (!source) return reportFailure(source.error(), "", json);
  auto reached = reachDaemon(line.common().place());
  if (!reached) return reportFailure(reached.error(), remote->target, json);
  auto end = upload(kj::mv(reached->socket), options, *remote, *source, fileNameOf(path));
  return reportTransfer(end, *remote, path, options, json);
}

}  // namespace cbs::cli
