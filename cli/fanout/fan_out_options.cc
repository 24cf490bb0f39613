#include "cli/fanout/fan_out_options.h"

#include <algorithm>
#include <charconv>

namespace cbs::cli {
namespace {

enum class Rounding { down, up };

// `12`, or `25%` of so many hosts.
tl::expected<uint32_t, std::string> readShare(const std::string& option, std::string text, size_t hosts,
                                              Rounding rounding) {
  auto wrong = tl::unexpected(option + ": expected a number of hosts or a share such as 10%, not '" + text + "'");
  bool share = !text.empty() && text.back() == '%';
  if (share) text.pop_back();
  uint32_t number = 0;
  const char* last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last || (share && number > 100)) return wrong;
  if (!share) return number;
  return static_cast<uint32_t>((uint64_t{number} * hosts + (rounding == Rounding::up ? 99 : 0)) / 100);
}

std::string readBatch(const TypedFanOut& typed, size_t hosts, FanOutPace& pace) {
  if (typed.batch.empty()) return "";
  auto read = readShare("--batch", typed.batch, hosts, Rounding::up);
  if (!read) return read.error();
  if (*read == 0) return "--batch: a batch has at least one host";
  pace.batch = *read;
  return "";
}

std::string readFailures(const TypedFanOut& typed, size_t hosts, FanOutPace& pace) {
  if (typed.failFast && !typed.maxFailures.empty()) return "--fail-fast is --max-failures 0: give one of them";
  if (typed.failFast) pace.maxFailures = 0;
  if (typed.maxFailures.empty()) return "";
  auto read = readShare("--max-failures", typed.maxFailures, hosts, Rounding::down);
  if (!read) return read.error();
  pace.maxFailures = *read;
  return "";
}

}  // namespace

const char* const kManyHosts = "Many hosts";

void addFanOutOptions(CLI::App& app, TypedFanOut& typed) {
  app.add_option("--hosts-file", typed.hostsFile, "Instead of TARGET, the hosts of a file, a node set a line; -: stdin")
      ->type_name("FILE")
      ->group(kManyHosts);
  addNumber(app, "-j,--at-once", typed.atOnce, "So many hosts at once; without, fan_out.at_once of the configuration")
      ->group(kManyHosts);
  app.add_option("--batch", typed.batch, "So many hosts, which all end before the next ones begin")
      ->type_name("N|P%")
      ->group(kManyHosts);
  app.add_flag("--fail-fast", typed.failFast, "Begin on no more hosts once one has failed")->group(kManyHosts);
  app.add_option("--max-failures", typed.maxFailures, "The same once more than so many have failed")
      ->type_name("N|P%")
      ->group(kManyHosts);
  app.add_option("--deadline", typed.deadline, "Give all of them together so long")
      ->type_name("DUR")
      ->group(kManyHosts);
  app.add_option("--delay", typed.delay, "Wait between the beginnings of two hosts, or of two batches")
      ->type_name("DUR")
      ->group(kManyHosts);
}

bool asksForManyHosts(const CLI::App& app) {
  auto options = app.get_options();
  return std::any_of(options.begin(), options.end(), [](const CLI::Option* option) {
    return option->count() > 0 && option->get_group() == kManyHosts;
  });
}

tl::expected<FanOutPace, std::string> readPace(const TypedFanOut& typed, size_t hosts) {
  FanOutPace pace;
  pace.atOnce = typed.atOnce;
  for (auto& problem : {readBatch(typed, hosts, pace), readFailures(typed, hosts, pace),
                        readDuration("--deadline", typed.deadline, pace.deadlineMs),
                        readDuration("--delay", typed.delay, pace.delayMs)}) {
    if (!problem.empty()) return tl::unexpected(problem);
  }
  return pace;
}

void describePace(const FanOutPace& pace, schema::FanOutRequest::Builder to) {
  to.setAtOnce(pace.atOnce);
  to.setBatch(pace.batch);
  to.setMaxFailures(pace.maxFailures);
  to.setDelayMs(pace.delayMs);
  to.setDeadlineMs(pace.deadlineMs);
}

}  // namespace cbs::cli
