#include "cli/transfer/transfer_command.h"

#include "cli/daemon/reach.h"
#include "cli/session.h"
#include "cli/transfer/transfer_log.h"
#include "cli/transfer/transfer_request.h"

#include <signal.h>

namespace cbs::cli {
namespace {

Format formatOf(const CommonOptions& options) {
  if (options.ndjson()) return Format::ndjson;
  return options.json() ? Format::json : Format::text;
}

int transferOver(kj::AutoCloseFd socket, const TransferOptions& options, const TransferPlaces& places, Format format) {
  Session session(kj::mv(socket));
  Interrupts interrupts(session.loop().port, {SIGINT, SIGTERM, SIGHUP});
  TransferLog log(session.loop().timer, options, places, format);
  TransferRun run(session.client(), session.loop().timer, interrupts, log);
  auto request = session.agent().transferRequest();
  bool tellAll = options.verbose || format == Format::ndjson;
  describeTransfer(session.loop(), options, places, tellAll, request.initRequest());
  return log.report(run.run(kj::mv(request)).promise().wait(session.waitScope()));
}

int withoutDaemon(Error error, const TransferOptions& options, const TransferPlaces& places, Format format) {
  auto io = kj::setupAsyncIo();
  TransferLog log(io.provider->getTimer(), options, places, format);
  return log.report(TransferEnd::failed(std::move(error)));
}

}  // namespace

int runTransfer(const TransferWords& words, Direction direction, Arguments arguments) {
  TransferOptions options;
  CommandLine line(words.name, words.description, words.examples);
  addTransferOptions(line.app(), options);
  line.addCommonOptions(CommandLine::Formats::alsoNdjson);
  if (auto code = line.parse(std::move(arguments))) return *code;
  auto format = formatOf(line.common());
  if (auto problem = understand(line.app(), options, format != Format::text); !problem.empty()) {
    return line.complain(problem);
  }
  auto places = readPlaces(options.paths, direction);
  if (!places) return line.complain(places.error());
  auto reached = reachDaemon(line.common().place());
  if (!reached) return withoutDaemon(std::move(reached.error()), options, *places, format);
  return transferOver(kj::mv(reached->socket), options, *places, format);
}

}  // namespace cbs::cli
