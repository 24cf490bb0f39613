// What is served: metrics and health, out of what the daemon tells every caller.
#pragma once

#include "agentd/http/traffic.h"
#include "common/config.h"
#include "common/task.h"
#include "schema/agent.capnp.h"

#include <kj/timer.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbs::http {

struct Answer {
  unsigned status = 200;
  kj::StringPtr contentType;
  std::string body;
};

// The processor time that this thread has used, in microseconds.
uint64_t threadTimeUs();

// Requests for the same page that come at the same time share one answer. After one that has cost time, the next of
// them are begun four times as long later, so that they take a fifth of the event loop's time at most.
class Pages {
 public:
  using Meter = std::function<uint64_t()>;  // as threadTimeUs

  // All outlive it. `config` may change.
  Pages(kj::Timer& timer, schema::Agent::Client agent, const Config::Metrics& config, const Traffic& traffic,
        Meter meter = threadTimeUs);

  // The path as it is counted, without its query; empty if there is no such page.
  static std::string pathOf(std::string_view url);

  // Of a path that pathOf gave. Fails with an exception if the daemon does not tell within five seconds.
  kj::Promise<Answer> get(std::string path);

 private:
  // What those who wait for a page will get.
  struct Sharing {
    std::vector<kj::Own<kj::PromiseFulfiller<Answer>>> waiting;
    kj::Promise<void> gathering = kj::READY_NOW;
  };

  kj::Promise<Answer> share(std::string path);
  kj::Promise<void> gather(Sharing& sharing, std::string path);
  Task<Answer> gatherInTurn(std::string path);
  Task<Answer> gathered(std::string path);
  Task<Answer> metrics();
  Task<Answer> health();
  Task<Answer> readiness();
  Task<Answer> details();
  using KnownHosts = std::optional<capnp::Response<schema::Agent::HostsResults>>;
  kj::Promise<KnownHosts> askForHosts();
  Task<std::string> textOf(std::vector<prometheus::MetricFamily> families);

  kj::Timer& timer_;
  schema::Agent::Client agent_;
  const Config::Metrics& config_;
  const Traffic& traffic_;
  const Meter meter_;
  kj::TimePoint nextAt_;                    // not before that is the next answer begun
  std::map<std::string, Sharing> sharing_;  // by path
};

}  // namespace cbs::http
