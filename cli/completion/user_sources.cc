#include "cli/completion/user_sources.h"

#include "cli/bytes.h"
#include "cli/completion/ssh_hosts.h"
#include "cli/daemon/caller_context.h"
#include "cli/listing/listing_run.h"
#include "cli/nodes/user_groups.h"
#include "cli/output/printable.h"
#include "cli/session.h"
#include "common/config.h"
#include "common/local_socket.h"
#include "common/paths.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <set>

namespace cbs::cli {
namespace {

constexpr unsigned kJobsMs = 300;
constexpr unsigned kFilesMs = 2000;
constexpr unsigned kGroupsMs = 1000;  // of each command that lists some
constexpr unsigned kMostJobs = 200;
constexpr size_t kCommandShown = 50;

std::string configuredSshConfig(const DaemonPlace& place, const Environment& environment) {
  ConfigSource source;
  source.pathWasExplicit = !place.config.empty();
  source.path = place.config.empty() ? userPaths(environment, geteuid()).config : place.config;
  source.environment = environment;
  auto loaded = loadConfig(source);
  return loaded ? loaded->config.ssh.configFile : Config().ssh.configFile;
}

Candidate jobCandidate(const char* text, schema::JobInfo::Reader job) {
  auto summary = std::string(job.getTarget().cStr()) + ": " + job.getCommand().cStr();
  return {text, shortened(printable(summary), kCommandShown)};
}

}  // namespace

void endCompletionAfter(unsigned milliseconds) {
  signal(SIGALRM, [](int) { _exit(0); });
  itimerval limit{{}, {milliseconds / 1000, static_cast<suseconds_t>(milliseconds % 1000) * 1000}};
  setitimer(ITIMER_REAL, &limit, nullptr);
}

// The files that the daemon looks hosts up in.
std::vector<std::string> UserSources::hosts() {
  auto environment = processEnvironment();
  std::string home(lookUp(environment, "HOME"));
  std::string file = configuredSshConfig(place_, environment);
  std::string folder = home + "/.ssh";
  std::string usual = folder + "/config";
  if (file == "none") return {};
  if (expandHome(file, home) != usual) return hostsIn({{expandHome(file, home), folder}}, home);
  return hostsIn({{usual, folder}, {"/etc/ssh/ssh_config", "/etc/ssh"}}, home);
}

std::vector<GroupSource::Name> UserSources::groups() {
  return UserGroups({.environment = processEnvironment(), .longestCommandMs = kGroupsMs}).readableNames();
}

std::vector<Candidate> UserSources::jobs(bool alive) {
  endCompletionAfter(kJobsMs);
  auto socket = connectLocal(place_.socket);
  if (!socket) return {};
  Session session(kj::mv(*socket));
  auto request = session.agent().jobsRequest();
  auto filter = request.initFilter();
  filter.setLimit(kMostJobs);
  if (alive) {
    auto states = filter.initStates(3);
    states.set(0, schema::JobState::QUEUED);
    states.set(1, schema::JobState::WAITING);
    states.set(2, schema::JobState::RUNNING);
  }
  auto answer = session.ask(request.send());
  if (!answer) return {};
  std::vector<Candidate> candidates;
  std::set<std::string> names;
  for (auto job : answer->getJobs()) {
    candidates.push_back(jobCandidate(job.getId().cStr(), job));
    bool fresh = job.getName().size() > 0 && names.insert(job.getName().cStr()).second;
    if (fresh) candidates.push_back(jobCandidate(job.getName().cStr(), job));
  }
  return candidates;
}

std::vector<std::string> UserSources::remoteFiles(const std::string& target, const std::string& folder) {
  endCompletionAfter(kFilesMs);
  auto socket = connectLocal(place_.socket);
  if (!socket) return {};
  Session session(kj::mv(*socket));
  auto call = session.agent().listRequest();
  auto request = call.initRequest();
  request.getPlace().setTarget(target.c_str());
  request.getPlace().initPaths(1).set(0, bytesOf(folder));
  request.setConnectTimeoutMs(kFilesMs);
  describeCaller(request.initCaller());
  auto listing = runListing(session.client(), kj::mv(call), target).promise().wait(session.waitScope());
  std::vector<std::string> names;
  for (const ListedFolder& listed : listing.folders) {
    for (const ListedFile& file : listed.files) {
      names.push_back(file.name + (file.kind == schema::FileKind::DIRECTORY ? "/" : ""));
    }
  }
  return names;
}

}  // namespace cbs::cli
