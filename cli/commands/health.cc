#include "cli/commands/commands.h"
#include "cli/commands/query.h"
#include "cli/output/health_text.h"
#include "common/json.h"

#include <capnp/message.h>
#include <kj/time.h>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Say whether the daemon is well, and of what is not in order since when it is so, and what to do about it. Exits 0 "
    "if it is well, 1 if it is degraded, 2 if it is down. No daemon is started for it.";

const char* const kExamples =
    "  cbsession health\n"
    "  cbsession health --output json | jq -r '.conditions[] | .code + \": \" + .text'\n";

constexpr int kDown = 2;

uint64_t timeOfDayMs() {
  auto sinceEpoch = kj::systemPreciseCalendarClock().now() - kj::UNIX_EPOCH;
  return static_cast<uint64_t>(sinceEpoch / kj::MILLISECONDS);
}

int show(schema::Health::Reader health, bool json) {
  print(json ? toJson<schema::Health>(health) : healthText(health, timeOfDayMs()));
  return static_cast<int>(health.getStatus());
}

// A daemon that cannot be asked is down, whatever it is that keeps it from answering.
int showDown(const Error& error, bool json) {
  capnp::MallocMessageBuilder message;
  auto health = message.initRoot<schema::Health>();
  describeDown(error, health);
  show(health, json);
  return kDown;
}

}  // namespace

int runHealth(Arguments arguments) {
  CommandLine line("health", kDescription, kExamples);
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  bool json = line.common().json();
  auto place = line.common().place();
  place.autostart = false;
  auto reached = reachDaemon(place);
  if (!reached) return showDown(reached.error(), json);
  Session session(kj::mv(reached->socket));
  auto answer = session.ask(session.agent().healthRequest().send());
  return answer ? show(answer->getHealth(), json) : showDown(answer.error(), json);
}

}  // namespace cbs::cli
