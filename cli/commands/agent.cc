#include "cli/commands/commands.h"
#include "cli/daemon/ending.h"
#include "cli/daemon/reach.h"
#include "cli/output/exit_code.h"
#include "cli/output/print.h"
#include "cli/output/reload_text.h"
#include "cli/session.h"
#include "common/duration.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>
#include <signal.h>

#include <cstdlib>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Start, stop, drain, reload or look for the daemon.\n\n"
    "`status` exits 0 if it runs and 3 if it does not, as systemctl does. `stop` gives running commands --grace to "
    "end; `drain` lets commands and jobs that run, and commands that wait, go on to their end, for a day or as long "
    "as --grace says, and leaves jobs that wait to the next daemon; both return when the daemon has ended. `reload` "
    "has it read its configuration again: no connection is dropped, and if the file has faults, nothing changes. "
    "`reload --exec` has its program, as it is on disk now, take its place: nobody is refused, and what runs goes on.";

const char* const kExamples =
    "  cbsession agent start\n"
    "  cbsession agent status\n"
    "  cbsession agent stop --grace 30s\n"
    "  cbsession agent drain\n"
    "  cbsession agent reload\n"
    "  cbsession agent reload --exec\n";

constexpr int kNotRunning = 3;        // systemctl's
constexpr uint64_t kGraceMs = 5'000;  // as on SIGTERM
constexpr uint64_t kDrainMs = 24 * 3'600'000;
constexpr auto kReplaceTime = 90 * kj::SECONDS;  // the daemon gives up before
constexpr uint64_t kFarewellMs = 10'000;         // beyond the grace: cancelling, telling outcomes, closing

void printReport(const std::string& socket, bool running, const DaemonInfo& daemon, uint64_t uptimeMs) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::AgentReport>();
  report.setRunning(running);
  report.setPid(static_cast<uint32_t>(daemon.pid));
  report.setVersion(daemon.version.c_str());
  report.setSocket(socket.c_str());
  report.setUptimeMs(uptimeMs);
  print(toJson<schema::AgentReport>(report));
}

Expected<DaemonInfo> greet(Session& session) { return session.client().greeting().wait(session.waitScope()); }

int start(const DaemonPlace& place, bool json) {
  auto reached = reachDaemon(place);
  if (!reached) return reportFailure(reached.error(), "", json);
  Session session(kj::mv(reached->socket));
  auto daemon = greet(session);
  if (!daemon) return reportFailure(daemon.error(), "", json);
  if (json) return printReport(place.socket, true, *daemon, 0), 0;
  print(std::string(reached->started ? "started" : "already running") + ", pid " + std::to_string(daemon->pid) + "\n");
  return 0;
}

int sayNotRunning(const DaemonPlace& place, bool json, int code) {
  if (json) {
    printReport(place.socket, false, {"", 0}, 0);
  } else {
    print("not running (" + place.socket + ")\n");
  }
  return code;
}

int status(const DaemonPlace& place, bool json) {
  auto reached = reachDaemon(place);
  if (!reached && reached.error().reason == Reason::NOT_RUNNING) return sayNotRunning(place, json, kNotRunning);
  if (!reached) return reportFailure(reached.error(), "", json);
  Session session(kj::mv(reached->socket));
  auto daemon = greet(session);
  if (!daemon) return reportFailure(daemon.error(), "", json);
  auto stats = session.ask(session.agent().statsRequest().send());
  if (!stats) return reportFailure(stats.error(), "", json);
  uint64_t uptimeMs = stats->getStats().getUptimeMs();
  if (json) return printReport(place.socket, true, *daemon, uptimeMs), 0;
  print("running, pid " + std::to_string(daemon->pid) + ", version " + daemon->version + ", up " +
        durationText(uptimeMs * kj::MILLISECONDS) + " (" + place.socket + ")\n");
  return 0;
}

// A daemon of another version has a pid, too.
Expected<pid_t> pidOf(const Expected<DaemonInfo>& daemon) {
  if (daemon) return daemon->pid;
  auto pid = static_cast<pid_t>(strtol(std::string(daemon.error().fact("pid")).c_str(), nullptr, 10));
  if (pid <= 0) return fail(daemon.error());
  return pid;
}

enum class Ending { STOP, DRAIN };

// A daemon whose protocol is not ours to speak is ended by the signal that means the same.
Expected<void> askToEnd(Session& session, Ending ending, const Expected<DaemonInfo>& daemon, pid_t pid,
                        uint64_t graceMs) {
  if (!daemon && kill(pid, SIGTERM) == 0) return {};
  if (ending == Ending::DRAIN) {
    auto request = session.agent().drainRequest();
    request.setLimitMs(graceMs);
    auto answer = session.ask(request.send());
    if (!answer) return fail(std::move(answer.error()));
    return {};
  }
  auto request = session.agent().stopRequest();
  request.setGraceMs(graceMs);
  auto answer = session.ask(request.send());
  if (!answer) return fail(std::move(answer.error()));
  return {};
}

// Gives the pid of the daemon, which has ended.
Expected<pid_t> endAndWait(Session& session, Ending ending, uint64_t graceMs) {
  auto daemon = greet(session);
  auto pid = pidOf(daemon);
  if (!pid) return pid;
  ProcessHandle process(*pid);  // before it is asked, so that the pid is still its own
  if (auto asked = askToEnd(session, ending, daemon, *pid, graceMs); !asked) return fail(std::move(asked.error()));
  auto limit = (graceMs + kFarewellMs) * kj::MILLISECONDS;
  if (process.ended(session.loop(), limit).promise().wait(session.waitScope())) return pid;
  std::string words = "the daemon (pid " + std::to_string(*pid) + ") is still ending after " + durationText(limit);
  return fail(ErrorKind::TIMED_OUT, Reason::UNSPECIFIED, words);
}

int end(const DaemonPlace& place, Ending ending, uint64_t graceMs, bool json) {
  auto reached = reachDaemon(place);
  if (!reached && reached.error().reason == Reason::NOT_RUNNING) return sayNotRunning(place, json, 0);
  if (!reached) return reportFailure(reached.error(), "", json);
  Session session(kj::mv(reached->socket));
  auto pid = endAndWait(session, ending, graceMs);
  if (!pid) return reportFailure(pid.error(), "", json);
  if (json) return printReport(place.socket, false, {"", *pid}, 0), 0;
  print("stopped, pid " + std::to_string(*pid) + "\n");
  return 0;
}

int reload(const DaemonPlace& place, bool json) {
  auto reached = reachDaemon(place);
  if (!reached) return reportFailure(reached.error(), "", json);
  Session session(kj::mv(reached->socket));
  auto answer = session.ask(session.agent().reloadRequest().send());
  if (!answer) return reportFailure(answer.error(), "", json);
  bool faulty = answer->getFaults().size() > 0;
  if (json) {
    capnp::MallocMessageBuilder message;
    auto report = message.initRoot<schema::ReloadReport>();
    report.setChanges(answer->getChanges());
    report.setFaults(answer->getFaults());
    print(toJson<schema::ReloadReport>(report));
  } else if (!faulty) {
    print(changesText(answer->getChanges()));
  }
  if (faulty) printError(faultsText(answer->getFaults()));
  return faulty ? kUsage : 0;
}

// The answer of whoever serves the socket now.
Expected<DaemonInfo> greetAnew(const DaemonPlace& place) {
  auto reached = reachDaemon(place);
  if (!reached) return fail(std::move(reached.error()));
  Session session(kj::mv(reached->socket));
  return greet(session);
}

Expected<DaemonInfo> askToReplace(Session& session) {
  auto daemon = greet(session);
  if (!daemon) return daemon;
  auto answer = session.ask(session.agent().replaceRequest().send(), kReplaceTime);
  if (!answer) return fail(std::move(answer.error()));
  auto error = decode(answer->getError());
  if (error.kind != ErrorKind::NONE) return fail(std::move(error));
  return daemon;
}

// One event loop at a time.
Expected<DaemonInfo> replaceDaemon(const DaemonPlace& place) {
  auto reached = reachDaemon(place);
  if (!reached) return fail(std::move(reached.error()));
  Session session(kj::mv(reached->socket));
  return askToReplace(session);
}

int replace(const DaemonPlace& place, bool json) {
  auto before = replaceDaemon(place);
  if (!before) return reportFailure(before.error(), "", json);
  auto after = greetAnew(place);
  if (!after) return reportFailure(after.error(), "", json);
  if (json) return printReport(place.socket, true, *after, 0), 0;
  print("replaced, pid " + std::to_string(before->pid) + " -> " + std::to_string(after->pid) + " (version " +
        before->version + " -> " + after->version + ")\n");
  return 0;
}

}  // namespace

int runAgent(Arguments arguments) {
  std::string verb, grace;
  bool exec = false;
  CommandLine line("agent", kDescription, kExamples);
  line.app().add_option("start|stop|drain|reload|status", verb, "What to do")->required()->type_name("");
  line.app().add_option("--grace", grace, "stop, drain: what running commands have to end (5s, 1d)")->type_name("DUR");
  line.app().add_flag("--exec", exec, "reload: replace the daemon by its program as it is on disk now");
  line.addCommonOptions();
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (exec && verb != "reload") return line.complain("--exec goes with reload");
  uint64_t graceMs = verb == "drain" ? kDrainMs : kGraceMs;
  if (auto problem = readDuration("--grace", grace, graceMs); !problem.empty()) return line.complain(problem);
  auto place = line.common().place();
  bool json = line.common().json();
  place.autostart = verb == "start";
  if (verb == "start") return start(place, json);
  if (verb == "stop") return end(place, Ending::STOP, graceMs, json);
  if (verb == "drain") return end(place, Ending::DRAIN, graceMs, json);
  if (verb == "reload") return exec ? replace(place, json) : reload(place, json);
  if (verb == "status") return status(place, json);
  return line.complain("'" + verb + "' is none of start, stop, drain, reload and status");
}

}  // namespace cbs::cli
