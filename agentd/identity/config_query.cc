#include "agentd/identity/config_query.h"

#include "agentd/identity/complaint.h"
#include "agentd/identity/config_output.h"
#include "common/subprocess.h"

#include <algorithm>

namespace cbs::identity {
namespace {

tl::unexpected<Error> unusable(std::string detail) {
  return fail(ErrorKind::UNREACHABLE, Reason::CONFIG_UNUSABLE, std::move(detail));
}

// Answers that are kept. Each is some 5 KiB, and those of a configuration that has changed are among them.
constexpr size_t kMostKin = 1000;

// Some 100 bytes for each block and file.
constexpr size_t kMaxTraceBytes = 4 << 20;

// The lines that name the host itself: `host`, and `hostname` unless the configuration sets another one.
std::string asFor(const std::string& host, const std::string& asked, const std::string& text) {
  if (host == asked) return text;
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    auto line = text.substr(begin, end - begin);
    if (line == "host " + asked) line = "host " + host;
    if (line == "hostname " + asked) line = "hostname " + host;
    result.append(line).append("\n");
    begin = end + 1;
  }
  return result;
}

}  // namespace

Task<Expected<HostConfig>> ConfigQuery::ask(core::Target target, SshOptions options, std::optional<std::string> kin) {
  auto host = target.host;
  auto output = kin ? co_await outputForKin(kj::mv(target), kj::mv(options), kj::mv(*kin))
                    : co_await outputFor(kj::mv(target), kj::mv(options));
  if (!output) co_return fail(output.error());
  co_return parseHostConfig(asFor(host, output->host, output->text));
}

Task<Expected<ConfigQuery::Output>> ConfigQuery::outputForKin(core::Target target, SshOptions options,
                                                              std::string kin) {
  auto key = kin + '\0' + target.user.value_or("") + '\0' + (target.port ? std::to_string(*target.port) : "");
  auto known = known_.find(key);
  if (known != known_.end()) co_return known->second;
  auto output = co_await asking_.join(key, [this, target, options]() { return outputFor(target, options); });
  if (!output) co_return output;
  if (known_.size() >= kMostKin) known_.clear();
  known_[key] = *output;
  co_return output;
}

Task<Expected<ConfigQuery::Output>> ConfigQuery::outputFor(core::Target target, SshOptions options) {
  auto arguments = argumentsFor(target, options);
  return run(std::move(arguments), std::move(target.host));
}

std::vector<std::string> ConfigQuery::argumentsFor(const core::Target& target, const SshOptions& options) const {
  std::vector<std::string> arguments;
  const auto& configFile = options.configFile.empty() ? configFile_ : options.configFile;
  if (!configFile.empty()) arguments.insert(arguments.end(), {"-F", configFile});
  if (target.port) arguments.insert(arguments.end(), {"-p", std::to_string(*target.port)});
  if (target.user) arguments.insert(arguments.end(), {"-l", *target.user});
  for (const auto& line : options.lines) arguments.insert(arguments.end(), {"-o", line});
  return arguments;
}

Task<Expected<HostConfig>> ConfigQuery::askDefaults() {
  auto output = co_await run({"-F", "none"}, "localhost");
  if (!output) co_return fail(output.error());
  co_return parseHostConfig(output->text);
}

Task<Expected<std::string>> ConfigQuery::printDefaults() {
  auto result = co_await runSsh({"-F", "none"}, "localhost");
  if (!result) co_return fail(result.error());
  if (result->status != 0) co_return unusable(complaintOf(*result, "ssh -G"));
  co_return kj::mv(result->out);
}

Task<Expected<ConfigQuery::Trace>> ConfigQuery::trace(core::Target target) {
  auto arguments = argumentsFor(target, {});
  arguments.insert(arguments.begin(), "-vvv");
  auto result = co_await runSsh(std::move(arguments), target.host);
  if (!result) co_return fail(result.error());
  // Steps that are missing would make wrong ones of those that are there.
  if (result->err.size() >= kMaxTraceBytes) co_return unusable("ssh tells of more steps than are read");
  if (result->status == 0) co_return Trace{kj::mv(result->out), kj::mv(result->err)};
  // Its complaint is lost among the steps.
  auto plain = co_await outputFor(kj::mv(target), {});
  if (!plain) co_return fail(plain.error());
  co_return unusable("ssh_config has changed while it was read");
}

Task<Expected<ConfigQuery::Output>> ConfigQuery::run(std::vector<std::string> arguments, std::string host) {
  auto result = co_await runSsh(kj::mv(arguments), host);
  if (!result) co_return fail(result.error());
  if (result->status != 0) co_return unusable(complaintOf(*result, "ssh -G"));
  co_return Output{kj::mv(host), kj::mv(result->out)};
}

Task<Expected<SubprocessResult>> ConfigQuery::runSsh(std::vector<std::string> arguments, std::string host) {
  auto pass = co_await turnstile_.enter();
  std::vector<std::string> argv = {ssh_, "-G"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  argv.insert(argv.end(), {"--", host});
  auto result = co_await runSubprocess(loop_, {.argv = std::move(argv), .maxErrorBytes = kMaxTraceBytes});
  if (!result && result.error().reason == Reason::NOT_FOUND) {
    co_return unusable(result.error().detail + ". Install OpenSSH's client (openssh-client)");
  }
  if (!result && result.error().kind == ErrorKind::OVERLOADED) co_return fail(result.error());
  if (!result) co_return unusable("asking ssh for the configuration of " + host + ": " + result.error().detail);
  co_return result;
}

}  // namespace cbs::identity
