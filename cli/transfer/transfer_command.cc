#include "cli/transfer/transfer_command.h"

#include "cli/daemon/reach.h"
#include "cli/fanout/fan_out_options.h"
#include "cli/nodes/single_host.h"
#include "cli/nodes/targets.h"
#include "cli/session.h"
#include "cli/transfer/transfer_log.h"
#include "cli/transfer/transfer_request.h"
#include "cli/transfer/upload_many.h"

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

// What is wrong with the places of what goes from one host, or to one; "" if nothing is.
std::string checkPlaces(const std::string& name, const TransferPlaces& places) {
  constexpr const char* kArgument = "\"$host:PATH\" ...";
  auto problem = checkSingleHost(name, places.fromTarget, kArgument);
  return problem.empty() ? checkSingleHost(name, places.toTarget, kArgument) : problem;
}

// An upload is to many hosts if that is how its target is written, or if an option says so.
struct ManyHosts {
  TypedFanOut typed;
  bool asked = false;

  void addOptions(CLI::App& app) {
    addFanOutOptions(app, typed);
    app.get_option("--at-once")->description("So many hosts at once; 64 if not given");
  }
  bool meant(const TransferPlaces& places) const { return asked || isNodeSet(places.toTarget); }
  tl::expected<TransferPlaces, std::string> read(const std::vector<std::string>& words) const {
    return typed.hostsFile.empty() ? readPlaces(words, Direction::upload) : readPlacesWithoutTarget(words);
  }
  tl::expected<Targets, std::string> targets(const TransferPlaces& places) const {
    if (!typed.hostsFile.empty()) return readHostsFile(typed.hostsFile);
    auto targets = readTargets(places.toTarget);
    bool colons = !targets && places.toTarget.find(':') != std::string::npos;
    return colons ? tl::unexpected(targets.error() + "; a DEST with a colon is written ./DEST") : targets;
  }
};

int runUploadToMany(CommandLine& line, const ManyHosts& many, const TransferOptions& options,
                    const TransferPlaces& places) {
  if (options.verbose) return line.complain("-v is for one host: of many, each has one line");
  auto targets = many.targets(places);
  if (!targets) return line.complain(targets.error());
  auto pace = readPace(many.typed, targets->names.size());
  if (!pace) return line.complain(pace.error());
  return uploadToMany({options, places, std::move(targets->names), *pace, formatOf(line.common())}, line.common());
}

}  // namespace

int runTransfer(const TransferWords& words, Direction direction, Arguments arguments) {
  TransferOptions options;
  ManyHosts many;
  bool upload = direction == Direction::upload;
  CommandLine line(words.name, words.description, words.examples);
  addTransferOptions(line.app(), options);
  if (upload) many.addOptions(line.app());
  line.addCommonOptions(CommandLine::Formats::alsoNdjson);
  if (auto code = line.parse(std::move(arguments))) return *code;
  auto format = formatOf(line.common());
  if (auto problem = understand(line.app(), options, format != Format::text); !problem.empty()) {
    return line.complain(problem);
  }
  many.asked = upload && asksForManyHosts(line.app());
  auto places = upload ? many.read(options.paths) : readPlaces(options.paths, direction);
  if (!places) return line.complain(places.error());
  if (upload && many.meant(*places)) return runUploadToMany(line, many, options, *places);
  if (auto problem = checkPlaces(words.name, *places); !problem.empty()) return line.complain(problem);
  auto reached = reachDaemon(line.common().place());
  if (!reached) return withoutDaemon(std::move(reached.error()), options, *places, format);
  return transferOver(kj::mv(reached->socket), options, *places, format);
}

}  // namespace cbs::cli
