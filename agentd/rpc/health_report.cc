#include "agentd/rpc/health_report.h"

#include "agentd/telemetry/log.h"
#include "agentd/telemetry/process_stats.h"

namespace cbs::rpc {
namespace {

telemetry::KeyFailures keyFailuresIn(schema::EngineStats::Reader engine) {
  telemetry::KeyFailures failures;
  for (auto failure : engine.getFailures()) {
    if (failure.getReason() == Reason::NO_KEY) failures.noKey = failure.getCount();
    if (failure.getReason() == Reason::AGENT_UNAVAILABLE) failures.agentUnavailable = failure.getCount();
    if (failure.getReason() == Reason::NOBODY_TO_ASK) failures.nobodyToAsk = failure.getCount();
  }
  return failures;
}

void addEngine(schema::EngineStats::Reader engine, telemetry::HealthFigures& figures) {
  figures.connections = engine.getConnectionsActive() + engine.getConnectionsIdle() + engine.getConnectionsConnecting();
  figures.breakersOpen = engine.getBreakersOpen();
  figures.keyFailures = keyFailuresIn(engine);
}

void addJobs(Services& services, telemetry::HealthFigures& figures) {
  figures.stateFolder = services.jobs.folder();
  figures.disk = services.vitals.disk;
  figures.jobOutputBytes = services.jobs.output().used();
  figures.maxJobOutputBytes = services.jobs.output().most();
  figures.journalFault = services.jobs.fault();
}

telemetry::HealthFigures figuresOf(Services& services, schema::EngineStats::Reader engine) {
  auto process = telemetry::readProcessStats();
  auto queue = services.queue.figures();
  telemetry::HealthFigures figures;
  figures.openDescriptors = process.openDescriptors;
  figures.maxDescriptors = process.maxDescriptors;
  figures.queueDepth = queue.depth;
  figures.queueCapacity = services.config.command.queueCapacity;
  figures.rejected = queue.rejected;
  figures.maxConnections = services.config.ssh.maxConnectionsPerInstance;
  figures.loopLagP99Us = services.vitals.loopLag.p99Us();
  figures.loopLagMaxUs = services.vitals.loopLag.maxUs();
  figures.draining = services.queue.draining();
  figures.httpFault = services.httpFault();
  figures.logFault = telemetry::logFault();
  figures.auditFault = services.audit.fault();
  addEngine(engine, figures);
  addJobs(services, figures);
  return figures;
}

void logNews(const telemetry::Health::News& news) {
  for (const auto& condition : news.begun) {
    telemetry::log(telemetry::Category::APP)
        .warn("condition", {{"code", condition.code}, {"text", condition.text}, {"next", condition.next}});
  }
  for (const auto& condition : news.ended)
    telemetry::log(telemetry::Category::APP).info("condition ended", {{"code", condition.code}});
}

capnp::Text::Reader textOf(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

const std::vector<telemetry::Condition>& judgeHealth(Services& services, schema::EngineStats::Reader engine) {
  auto& health = services.vitals.health;
  logNews(health.update(figuresOf(services, engine), telemetry::readClocks()));
  return health.conditions();
}

void reportHealth(Services& services, schema::EngineStats::Reader engine, schema::Health::Builder to) {
  const auto& conditions = judgeHealth(services, engine);
  to.setStatus(telemetry::worst(conditions));
  encode(conditions, to.initConditions(static_cast<unsigned>(conditions.size())));
}

void encode(const std::vector<telemetry::Condition>& conditions, capnp::List<schema::Health::Condition>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) {
    to[i].setCode(textOf(conditions[i].code));
    to[i].setSeverity(conditions[i].severity);
    to[i].setText(textOf(conditions[i].text));
    to[i].setNext(textOf(conditions[i].next));
    to[i].setSinceMs(conditions[i].sinceMs);
  }
}

}  // namespace cbs::rpc
