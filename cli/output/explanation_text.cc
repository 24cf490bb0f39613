#include "cli/output/explanation_text.h"

#include "cli/output/explain_error.h"
#include "cli/output/settings_text.h"
#include "cli/output/table.h"
#include "common/duration.h"

#include <sstream>
#include <utility>

namespace cbs::cli {
namespace {

std::string ms(uint64_t milliseconds) { return durationText(milliseconds * kj::MILLISECONDS); }
std::string us(uint64_t microseconds) { return durationText(microseconds * kj::MICROSECONDS); }

template <typename List>
std::string joined(List list) {
  std::string text;
  for (auto word : list) text += (text.empty() ? "" : ", ") + std::string(word.cStr());
  return text;
}

// What went wrong in words, or "".
std::string problem(schema::Error::Reader error, const std::string& subject) {
  if (error.getKind() == ErrorKind::NONE) return "";
  return explain(decode(error), subject).message;
}

std::string resolved(schema::HostReport::Reader report, const std::string& subject) {
  auto trouble = problem(report.getAddressesError(), subject);
  return trouble.empty() ? joined(report.getAddresses()) : trouble;
}

std::string way(schema::ResolvedHost::Reader host) {
  if (host.getProxyJump().size() > 0) return std::string("through ") + host.getProxyJump().cStr();
  return std::string("by ") + host.getProxyCommand().cStr();
}

std::string hostKey(schema::Explanation::Reader explanation, const std::string& subject) {
  auto trouble = problem(explanation.getHostKeysError(), subject);
  if (!trouble.empty()) return trouble;
  return (explanation.getHostKeysKnown() ? "known as " : "unknown; would accept ") +
         joined(explanation.getHostKeyAlgorithms());
}

std::string connections(schema::HostReport::Reader report) {
  unsigned busy = 0, idle = 0, others = 0;
  for (auto connection : report.getConnections()) {
    auto state = connection.getState();
    ++(state == schema::ConnectionState::BUSY ? busy : state == schema::ConnectionState::IDLE ? idle : others);
  }
  std::string text =
      std::to_string(busy) + " busy, " + std::to_string(idle) + " idle, " + std::to_string(others) + " coming or going";
  return text + "; " + std::to_string(report.getWaiting()) + " waiting for a channel";
}

std::string limits(schema::HostReport::Reader report) {
  auto limits = report.getLimits();
  std::string text = std::to_string(limits.getMaxConnections()) + " connections of " +
                     std::to_string(report.getChannelLimit()) + " channels";
  if (report.getChannelLimit() < limits.getMaxChannelsPerConnection()) text += " (the server allows no more)";
  return text + ", " + std::to_string(limits.getMaxLoginsAtOnce()) + " logins at once";
}

std::string times(schema::HostReport::Reader report) {
  auto limits = report.getLimits();
  return "connect within " + ms(limits.getConnectTimeoutMs()) + ", idle for " + ms(limits.getIdleTimeoutMs()) +
         ", used for " + ms(limits.getMaxAgeMs()) + " or " + byteText(limits.getMaxBytes());
}

std::string breaker(schema::HostReport::Reader report) {
  std::string host = report.getBreaker().cStr();
  std::string address = report.getAddressBreaker().cStr();
  std::string text = host != "closed" || address == "closed" ? host : address + " (of its address)";
  if (report.getLoginRefused()) text += ", as the server has refused a login";
  if (report.getFailures() > 0) text += ", " + std::to_string(report.getFailures()) + " failures in a row";
  if (report.getRetryAfterMs() > 0) text += "; the next attempt may be made in " + ms(report.getRetryAfterMs());
  return text;
}

std::string lastError(schema::HostReport::Reader report, const std::string& subject) {
  auto trouble = problem(report.getLastError(), subject);
  return trouble.empty() ? "none" : trouble + ", " + ms(report.getLastErrorAgoMs()) + " ago";
}

std::string lastConnection(schema::PhaseTimes::Reader times) {
  if (times.getAuthenticateUs() == 0) return "none yet";
  return "resolve " + us(times.getResolveUs()) + ", wait " + us(times.getWaitUs()) + ", connect " +
         us(times.getConnectUs()) + ", handshake " + us(times.getHandshakeUs()) + ", authenticate " +
         us(times.getAuthenticateUs());
}

void addKeys(schema::Explanation::Reader explanation, const std::string& subject, Table& table) {
  std::string heading = "keys";
  for (auto key : explanation.getKeys()) {
    table.add({heading, key.getComment().cStr()});
    heading.clear();
  }
  auto trouble = problem(explanation.getKeysError(), subject);
  if (!trouble.empty()) table.add({heading, trouble});
}

void addSettings(schema::Explanation::Reader explanation, const std::string& subject, std::string_view home,
                 Table& table) {
  std::string heading = "settings";
  std::istringstream lines(settingsText(explanation.getSettings(), home));
  for (std::string line; std::getline(lines, line);) table.add({std::exchange(heading, ""), line});
  auto trouble = problem(explanation.getSettingsError(), subject);
  if (!trouble.empty()) table.add({heading, trouble});
}

}  // namespace

std::string explanationText(schema::Explanation::Reader explanation, std::string_view home) {
  auto host = explanation.getHost();
  auto report = explanation.getEngine();
  std::string subject = explanation.getTarget().cStr();
  Table table({{""}, {""}});
  table.add({"target", subject});
  table.add({"host", std::string(host.getHostName().cStr()) + " port " + std::to_string(host.getPort()) + " as " +
                         host.getUser().cStr()});
  bool direct = host.getProxyJump().size() == 0 && host.getProxyCommand().size() == 0;
  if (!direct) table.add({"way", way(host)});
  if (direct) table.add({"addresses", resolved(report, subject)});
  addKeys(explanation, subject, table);
  table.add({"host key", hostKey(explanation, subject)});
  table.add({"connections", connections(report)});
  table.add({"limits", limits(report)});
  table.add({"times", times(report)});
  table.add({"breaker", breaker(report)});
  table.add({"last error", lastError(report, subject)});
  table.add({"last login", lastConnection(report.getLastConnection())});
  if (host.getIgnored().size() > 0) table.add({"not supported", joined(host.getIgnored())});
  addSettings(explanation, subject, home, table);
  return table.text();
}

}  // namespace cbs::cli
