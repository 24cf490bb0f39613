#include "agentd/telemetry/health_words.h"

#include "agentd/telemetry/health_rules.h"
#include "common/duration.h"

namespace cbs::telemetry {
namespace {

std::string of(uint64_t used, uint64_t limit) { return std::to_string(used) + " of " + std::to_string(limit); }

std::string counted(uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

// "a, b and c".
class Enumeration {
 public:
  void add(const std::string& part) {
    if (!last_.empty()) text_ += (text_.empty() ? "" : ", ") + last_;
    last_ = part;
  }
  std::string text() const { return text_.empty() ? last_ : text_ + " and " + last_; }

 private:
  std::string text_;
  std::string last_;
};

HealthWords draining() {
  return {"the daemon takes no new commands, and ends when those that it has accepted have ended",
          "wait for its end, then `cbsession agent start`"};
}

HealthWords descriptors(const HealthFigures& figures) {
  return {of(figures.openDescriptors, figures.maxDescriptors) + " file descriptors are in use",
          "raise the limit (ulimit -n, LimitNOFILE=) and restart the daemon"};
}

HealthWords queueNearlyFull(const HealthFigures& figures) {
  return {of(figures.queueDepth, figures.queueCapacity) + " places in the queue are taken",
          "send less at once, or raise session.command.core_pool_size or queue_capacity"};
}

HealthWords queueRejecting(const HealthSigns& signs) {
  return {"the queue was full, and " +
              counted(signs.rejectedLately, "command or transfer was", "commands and transfers were") +
              " refused in the last minute",
          "send less at once, or raise session.command.core_pool_size or queue_capacity"};
}

HealthWords pool(const HealthFigures& figures) {
  return {of(figures.connections, figures.maxConnections) + " connections are open",
          "raise session.ssh.max_connections_per_instance, or lower connection_idle_timeout_ms"};
}

HealthWords lag(const HealthFigures& figures) {
  auto ms = [](uint64_t us) { return std::to_string(us / 1000) + " ms"; };
  return {"one turn in a hundred of the event loop was " + ms(figures.loopLagP99Us) + " late or later, and one " +
              ms(figures.loopLagMaxUs) + ", in the last minute",
          "give the daemon more CPU, or look for a slow file system"};
}

HealthWords breakers(const HealthFigures& figures) {
  return {counted(figures.breakersOpen, "host is", "hosts are") + " left alone for a while after failed connections",
          "`cbsession explain TARGET` tells why; `cbsession breaker reset TARGET` has it tried again at once"};
}

HealthWords journalNearlyFull(const HealthFigures& figures) {
  Enumeration what, next;
  if (diskNearlyFull(figures, true)) {
    what.add(byteText(figures.disk.freeBytes) + " of " + byteText(figures.disk.sizeBytes) +
             " are free on the disk of " + figures.stateFolder);
    next.add("make room on that disk");
  }
  if (outputNearlyFull(figures, true)) {
    what.add("the output of jobs takes " + byteText(figures.jobOutputBytes) + " of " +
             byteText(figures.maxJobOutputBytes));
    next.add("raise jobs.output_total_bytes, or lower jobs.output_max_bytes");
  }
  return {what.text(), next.text()};
}

HealthWords journalUnavailable(const HealthFigures& figures) {
  return {"jobs can be neither taken nor run, as their journal cannot be opened: " + figures.journalFault,
          "mend what it names; the next `cbsession submit` tries again"};
}

HealthWords keysMissing(const KeyFailures& failures) {
  Enumeration why;
  if (failures.noKey > 0) why.add(std::to_string(failures.noKey) + " had no key to offer");
  if (failures.agentUnavailable > 0) {
    why.add(std::to_string(failures.agentUnavailable) + " got no answer from the ssh-agent");
  }
  if (failures.nobodyToAsk > 0)
    why.add(std::to_string(failures.nobodyToAsk) + " had nobody to ask for a passphrase or password");
  return {"of the logins in the last 5 minutes " + why.text(),
          "`ssh-add -l` shows which keys the ssh-agent has, and `cbsession explain TARGET` which a host gets"};
}

HealthWords clockJumped(const ClockJump& jump) {
  auto by = durationText((jump.byMs < 0 ? -jump.byMs : jump.byMs) * kj::MILLISECONDS);
  const char* direction = jump.byMs < 0 ? " back" : " forward";
  const char* meaning = jump.byMs < 0 ? "later" : "earlier";
  return {"the time of day was set " + by + direction + ", so that deadlines and further attempts of jobs come " +
              meaning + " than was meant",
          "look at `cbsession jobs`, and keep the machine's clock with NTP"};
}

HealthWords httpUnavailable(const HealthFigures& figures) {
  return {"metrics and health are not served over HTTP: " + figures.httpFault,
          "mend what it names, and it is tried again by itself; or set http.listen to another address and restart the "
          "daemon"};
}

HealthWords logUnavailable(const HealthFigures& figures) {
  return {"the log cannot be written: " + figures.logFault, "make room, or mend what it names"};
}

HealthWords auditUnavailable(const HealthFigures& figures) {
  return {"nothing is run, as it cannot be put on record in the audit log: " + figures.auditFault,
          "make room, or mend what it names; it is tried again by itself"};
}

}  // namespace

HealthWords wordsOf(HealthCode code, const HealthSigns& signs) {
  const HealthFigures& figures = signs.now;
  switch (code) {
    case HealthCode::DRAINING:
      return draining();
    case HealthCode::DESCRIPTORS_NEARLY_USED:
      return descriptors(figures);
    case HealthCode::QUEUE_NEARLY_FULL:
      return queueNearlyFull(figures);
    case HealthCode::QUEUE_REJECTING:
      return queueRejecting(signs);
    case HealthCode::POOL_NEARLY_FULL:
      return pool(figures);
    case HealthCode::LOOP_LAG:
      return lag(figures);
    case HealthCode::BREAKERS_OPEN:
      return breakers(figures);
    case HealthCode::JOURNAL_NEARLY_FULL:
      return journalNearlyFull(figures);
    case HealthCode::JOURNAL_UNAVAILABLE:
      return journalUnavailable(figures);
    case HealthCode::KEYS_MISSING:
      return keysMissing(signs.keyFailuresLately);
    case HealthCode::CLOCK_JUMPED:
      return clockJumped(signs.clockJump.value_or(ClockJump{}));
    case HealthCode::HTTP_UNAVAILABLE:
      return httpUnavailable(figures);
    case HealthCode::LOG_UNAVAILABLE:
      return logUnavailable(figures);
    case HealthCode::AUDIT_UNAVAILABLE:
      return auditUnavailable(figures);
  }
  return {};
}

}  // namespace cbs::telemetry
