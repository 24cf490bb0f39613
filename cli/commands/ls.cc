#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/exec/prompter.h"
#include "cli/listing/listing_json.h"
#include "cli/listing/listing_run.h"
#include "cli/listing/listing_text.h"
#include "cli/nodes/single_host.h"
#include "cli/output/exit_code.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "cli/session.h"
#include "cli/transfer/remote_path.h"
#include "cli/transfer/transfer_request.h"
#include "common/file_pattern.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "List files of a host over SFTP, a name a line, sorted as bytes. PLACE is TARGET or TARGET:PATH; without PATH it "
    "is "
    "the home directory. PATH may be a pattern, for the host.";

const char* const kExamples =
    "  cbsession ls web1:/srv\n"
    "  cbsession ls -la web1:\n"
    "  cbsession ls -ld 'web1:/var/log/*.gz' web2:/srv\n"
    "  cbsession ls web1:/srv --output json | jq '.listings[].files[].name'\n";

struct ListOptions {
  std::vector<std::string> places;
  bool details = false;
  bool all = false;
  bool itself = false;
  bool onePerLine = false;  // as it is anyway
  bool askPass = false;
  std::string connectTimeout;
  uint64_t connectTimeoutMs = 0;
};

// What is asked of one host.
struct HostPaths {
  std::string target;
  std::vector<std::string> paths;
};

void addOptions(CLI::App& app, ListOptions& options) {
  app.add_option("PLACE", options.places, "TARGET or TARGET:PATH")->required()->type_name("");
  app.add_flag("-l,--long", options.details, "Mode, owner, group, size and time as well");
  app.add_flag("-a,--all", options.all, "Also names that begin with a dot");
  app.add_flag("-d,--directory", options.itself, "Folders themselves, not what is in them");
  app.add_flag("-1", options.onePerLine, "A name a line, as it is anyway");
  app.add_option("--connect-timeout", options.connectTimeout, "Give up connecting after this time")->type_name("DUR");
  app.add_flag("--ask-pass", options.askPass, "Ask for a password if the server wants one");
}

std::string understand(ListOptions& options) {
  if (auto problem = checkAskPass(options.askPass); !problem.empty()) return problem;
  return readDuration("--connect-timeout", options.connectTimeout, options.connectTimeoutMs);
}

// The paths of each host, in the order in which the hosts were first named.
tl::expected<std::vector<HostPaths>, std::string> readHosts(const std::vector<std::string>& places) {
  std::vector<HostPaths> hosts;
  for (const std::string& place : places) {
    auto remote = parseRemotePath(place);
    bool alone = !remote && !place.empty() && place.find_first_of(":/") == place.npos;
    if (!remote && !alone) return tl::unexpected("'" + place + "' is neither TARGET nor TARGET:PATH");
    std::string target = alone ? place : remote->target;
    if (auto problem = checkSingleHost("ls", target, "\"$host:PATH\" ..."); !problem.empty())
      return tl::unexpected(problem);
    auto known = std::find_if(hosts.begin(), hosts.end(), [&](const HostPaths& host) { return host.target == target; });
    if (known == hosts.end()) known = hosts.insert(hosts.end(), {target, {}});
    std::string path = alone ? "." : remote->path;
    bool twice = std::find(known->paths.begin(), known->paths.end(), path) != known->paths.end();
    if (!twice) known->paths.push_back(std::move(path));
  }
  return hosts;
}

Listing listHost(Session& session, const ListOptions& options, const HostPaths& host) {
  auto request = session.agent().listRequest();
  auto to = request.initRequest();
  describePlace(host.target, host.paths, to.initPlace());
  to.setItself(options.itself);
  to.setConnectTimeoutMs(options.connectTimeoutMs);
  describeAsker(session.loop(), options.askPass, to.initCaller());
  auto listing = runListing(session.client(), kj::mv(request), host.target).promise().wait(session.waitScope());
  if (!options.all) listing.dropHidden();
  listing.sort();
  return listing;
}

// Says what went wrong, and gives the exit code.
int sayFailures(const Listing& listing) {
  int code = exitCodeOf(listing.error.kind);
  for (const ListedFailure& failure : listing.failures) {
    Error error = failure.error;
    if (error.fact("remotePath").empty()) error.facts.push_back({"remotePath", failure.path});
    printError(sentence(error, listing.host));
    code = std::max(code, exitCodeOf(error.kind));
  }
  if (listing.error.kind != ErrorKind::NONE) printError(sentence(listing.error, listing.host));
  return code;
}

ListingStyle styleFor(const ListOptions& options, const std::vector<HostPaths>& hosts) {
  bool pattern = std::any_of(hosts[0].paths.begin(), hosts[0].paths.end(), isPattern);
  bool several = hosts.size() > 1 || hosts[0].paths.size() > 1 || pattern;
  return {options.details, several, hosts.size() > 1, isatty(STDOUT_FILENO) != 0, time(nullptr)};
}

int listAll(Session& session, const ListOptions& options, const std::vector<HostPaths>& hosts,
            const CommonOptions& common) {
  std::vector<Listing> listings;
  auto style = styleFor(options, hosts);
  int code = 0;
  bool anyText = false;
  for (const HostPaths& host : hosts) {
    Listing listing = listHost(session, options, host);
    code = std::max(code, sayFailures(listing));
    if (common.json()) {
      listings.push_back(std::move(listing));
      continue;
    }
    std::string text = common.ndjson() ? listingLines(listing) : listingText(listing, style);
    if (anyText && !common.ndjson() && !options.itself && !text.empty()) print("\n");
    anyText |= !text.empty();
    print(text);
  }
  if (common.json()) print(listingReport(listings));
  return code;
}

}  // namespace

int runLs(Arguments arguments) {
  ListOptions options;
  CommandLine line("ls", kDescription, kExamples);
  addOptions(line.app(), options);
  line.addCommonOptions(CommandLine::Formats::alsoNdjson);
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(options); !problem.empty()) return line.complain(problem);
  auto hosts = readHosts(options.places);
  if (!hosts) return line.complain(hosts.error());
  auto reached = reachDaemon(line.common().place());
  if (!reached) {
    if (line.common().ndjson()) print(hostFailureLine(hosts->front().target, reached.error()));
    return reportFailure(reached.error(), hosts->front().target, line.common().json());
  }
  Session session(kj::mv(reached->socket));
  return listAll(session, options, *hosts, line.common());
}

}  // namespace cbs::cli
