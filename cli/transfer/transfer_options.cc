#include "cli/transfer/transfer_options.h"

#include "cli/exec/prompter.h"
#include "cli/transfer/byte_rate.h"

namespace cbs::cli {
namespace {

constexpr uint32_t kMostStreams = 64;

// Options that make no sense together, or "".
std::string contradiction(const TransferOptions& options, bool structured) {
  if (options.deleteExtras && !options.recursive) return "--delete is for folders: it needs -r";
  if (!options.exclude.empty() && !options.recursive) return "--exclude is for what is in folders: it needs -r";
  if (options.dryRun && options.verify) return "--verify checks what was moved, and -n moves nothing";
  if (options.quiet && options.verbose) return "-q and -v exclude each other";
  if (options.verbose && structured) return "-v is for text; --output ndjson tells of every entry";
  return "";
}

std::string readValues(const CLI::App& app, TransferOptions& options) {
  for (const std::string& pattern : options.exclude) {
    if (pattern.empty()) return "--exclude: a pattern is empty";
  }
  if (app.count("--streams") > 0 && (options.streams < 1 || options.streams > kMostStreams)) {
    return "--streams: expected 1 to " + std::to_string(kMostStreams) + ", not " + std::to_string(options.streams);
  }
  if (app.count("--limit-rate") > 0) {
    auto rate = parseByteRate(options.limitRateText);
    if (!rate) return "--limit-rate: " + rate.error();
    options.limitRate = *rate;
  }
  return readDuration("--connect-timeout", options.connectTimeout, options.connectTimeoutMs);
}

}  // namespace

void addTransferOptions(CLI::App& app, TransferOptions& options) {
  app.add_option("PATH", options.paths, "Where from, and last where to")->required()->type_name("");
  app.add_flag("-r,--recursive", options.recursive, "Folders with all that is in them; times are kept");
  app.add_flag("-L,--dereference", options.followLinks, "What symbolic links lead to, instead of the links");
  app.add_option("--exclude", options.exclude, "Leave out what matches, as rsync does; can be given several times")
      ->type_name("PATTERN")
      ->allow_extra_args(false);
  app.add_flag("--delete", options.deleteExtras, "Delete in the destination what the source does not have");
  app.add_flag("-n,--dry-run", options.dryRun, "Only tell what would be done");
  app.add_flag("-c,--checksum", options.checksum, "Tell by content, not by size and time, what is unchanged");
  app.add_flag("--resume", options.resume, "Go on with what an earlier attempt has left");
  app.add_flag("--verify", options.verify, "Compare both ends by SHA-256, and print a receipt");
  app.add_flag("-p,--preserve", options.preserve, "Keep times, and permissions whatever the umask");
  app.add_flag("--fsync", options.fsync, "Wait until each file is on the disk");
  addNumber(app, "--streams", options.streams, "Streams at once, 1 to 64; as many as help if not given");
  app.add_option("--limit-rate", options.limitRateText, "At most so many bytes a second, e.g. 10M")->type_name("RATE");
  app.add_option("--connect-timeout", options.connectTimeout, "Give up connecting after this time")->type_name("DUR");
  app.add_flag("-q,--quiet", options.quiet, "Print nothing but errors");
  app.add_flag("-v,--verbose", options.verbose, "Print a line for every entry");
  app.add_flag("--ask-pass", options.askPass, "Ask for a password if the server wants one");
}

std::string understand(const CLI::App& app, TransferOptions& options, bool structured) {
  if (auto problem = checkAskPass(options.askPass); !problem.empty()) return problem;
  if (auto problem = contradiction(options, structured); !problem.empty()) return problem;
  return readValues(app, options);
}

}  // namespace cbs::cli
