#include "cli/watch/rates.h"

#include <map>
#include <string>

namespace cbs::cli {
namespace {

// Nothing if it is not the same daemon, or no time has passed.
double secondsBetween(schema::Stats::Reader before, schema::Stats::Reader now) {
  bool same = before.getDaemon().getPid() == now.getDaemon().getPid() && before.getUptimeMs() < now.getUptimeMs();
  return same ? static_cast<double>(now.getUptimeMs() - before.getUptimeMs()) / 1000 : 0;
}

std::optional<double> rateOf(uint64_t before, uint64_t now, double seconds) {
  if (now < before || seconds <= 0) return std::nullopt;
  return static_cast<double>(now - before) / seconds;
}

std::string identityOf(schema::HostFigures::Reader host) {
  return std::string(host.getUser().cStr()) + "@" + host.getHost().cStr() + " " + host.getAddress().cStr();
}

std::vector<HostRates> hostRates(HostList before, HostList now, double seconds) {
  std::map<std::string, schema::HostFigures::Reader> known;
  for (auto host : before) known.emplace(identityOf(host), host);
  std::vector<HostRates> rates;
  for (auto host : now) {
    HostRates& rate = rates.emplace_back();
    auto earlier = known.find(identityOf(host));
    if (earlier == known.end()) continue;
    rate.commands = rateOf(earlier->second.getCommands(), host.getCommands(), seconds);
    rate.bytesIn = rateOf(earlier->second.getBytesIn(), host.getBytesIn(), seconds);
    rate.bytesOut = rateOf(earlier->second.getBytesOut(), host.getBytesOut(), seconds);
  }
  return rates;
}

}  // namespace

Rates ratesBetween(const Sample* before, const Sample& now) {
  Rates rates;
  rates.hosts.resize(now.hosts().size());
  if (before == nullptr) return rates;
  auto earlier = before->stats(), later = now.stats();
  double seconds = secondsBetween(earlier, later);
  auto then = earlier.getEngine(), engine = later.getEngine();
  rates.commands = rateOf(then.getCommandsDone(), engine.getCommandsDone(), seconds);
  rates.rejected = rateOf(earlier.getQueue().getRejected(), later.getQueue().getRejected(), seconds);
  rates.uploadBytes = rateOf(then.getUploadBytes(), engine.getUploadBytes(), seconds);
  rates.downloadBytes = rateOf(then.getDownloadBytes(), engine.getDownloadBytes(), seconds);
  auto cpu = rateOf(earlier.getProcess().getCpuMs(), later.getProcess().getCpuMs(), seconds);
  if (cpu) rates.cpuPercent = *cpu / 10;
  rates.hosts = hostRates(before->hosts(), now.hosts(), seconds);
  return rates;
}

}  // namespace cbs::cli
