#include "agentd/engine/pool_log.h"

#include "agentd/telemetry/log.h"

namespace cbs::engine {
namespace {

using telemetry::Took;

const telemetry::Log kPoolLog(telemetry::Category::POOL);

class PoolLog final : public pool::Watcher {
 public:
  void connecting(const pool::HostAccess& access) override {
    kPoolLog.debug("connecting", {{"host", access.alias}, {"user", access.dial.user}, {"id", access.id}});
  }

  void connected(const pool::HostAccess& access, const std::string& address, const ssh::DialProgress& times) override {
    uint64_t us = times.resolveUs + times.waitUs + times.connectUs + times.handshakeUs + times.authenticateUs;
    kPoolLog.info("connected", {{"host", access.alias},
                                {"address", address},
                                {"user", access.dial.user},
                                {"id", access.id},
                                {"ms", Took{us}}});
  }

  void failed(const pool::HostAccess& access, const std::string& address, const Error& why) override {
    kPoolLog.info("failed", {{"host", access.alias},
                             {"address", address},
                             {"user", access.dial.user},
                             {"id", access.id},
                             {"error", nameOf(why.kind)},
                             {"reason", nameOf(why.reason)},
                             {"detail", why.detail},
                             {"jump_host", why.fact("jumpHost")}});
  }

  void closed(const Closed& closed) override {
    kPoolLog.info("closed", {{"host", closed.host},
                             {"address", closed.address},
                             {"why", closed.why},
                             {"age_s", closed.age / kj::SECONDS},
                             {"served", closed.served}});
  }

  void breaker(std::string_view host, std::string_view address, std::string_view state, const Error& why) override {
    const bool open = state == "open";
    kPoolLog.write(open ? LogLevel::WARN : LogLevel::INFO, "breaker",
                   {{"state", state},
                    {"host", host},
                    {"address", address},
                    {"reason", open ? nameOf(why.reason) : std::string_view()},
                    {"detail", open ? std::string_view(why.detail) : std::string_view()}});
  }
};

}  // namespace

kj::Own<pool::Watcher> newPoolLog() { return kj::heap<PoolLog>(); }

}  // namespace cbs::engine
