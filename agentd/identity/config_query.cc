#include "agentd/identity/config_query.h"

#include "agentd/identity/complaint.h"
#include "agentd/identity/config_output.h"
#include "common/subprocess.h"

namespace cbs::identity {
namespace {

tl::unexpected<Error> unusable(std::string detail) {
  return fail(ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE, std::move(detail));
}

}  // namespace

Task<Expected<HostConfig>> ConfigQuery::ask(core::Target target) {
  std::vector<std::string> arguments;
  if (!configFile_.empty()) arguments.insert(arguments.end(), {"-F", configFile_});
  if (target.port) arguments.insert(arguments.end(), {"-p", std::to_string(*target.port)});
  if (target.user) arguments.insert(arguments.end(), {"-l", *target.user});
  return run(std::move(arguments), std::move(target.host));
}

Task<Expected<HostConfig>> ConfigQuery::askDefaults() { return run({"-F", "none"}, "localhost"); }

Task<Expected<HostConfig>> ConfigQuery::run(std::vector<std::string> arguments, std::string host) {
  auto pass = co_await turnstile_.enter();
  // -T: or ssh complains on stderr that there is no terminal.
  std::vector<std::string> argv = {ssh_, "-G", "-T"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.insert(argv.end(), {"--", host});
  auto result = co_await runSubprocess(loop_, {.argv = std::move(argv)});
  if (!result && result.error().reason == Reason::NOT_FOUND) {
    co_return unusable(result.error().detail + ". Install OpenSSH's client (openssh-client)");
  }
  if (!result) co_return unusable("asking ssh for the configuration of " + host + ": " + result.error().detail);
  if (result->status != 0) co_return unusable(complaintOf(*result, "ssh -G"));
  co_return parseHostConfig(result->out);
}

}  // namespace cbs::identity
