#include "agentd/rpc/audit_fields.h"

#include "agentd/identity/ssh_options.h"
#include "agentd/telemetry/log_text.h"

#include <algorithm>

namespace cbs::rpc {
namespace {

constexpr size_t kLongestWord = 64;

std::string_view bytesOf(capnp::Data::Reader data) { return {data.asChars().begin(), data.size()}; }

void appendList(std::string& to, std::string_view name, capnp::List<capnp::Data>::Reader list) {
  if (!to.empty()) to += ',';
  telemetry::appendJsonString(to, name);
  to += ":[";
  bool first = true;
  for (auto item : list) {
    if (!first) to += ',';
    first = false;
    telemetry::appendJsonString(to, bytesOf(item));
  }
  to += ']';
}

std::string namesOf(capnp::List<schema::CommandSpec::Variable>::Reader variables) {
  std::string names;
  for (auto variable : variables) {
    if (!names.empty()) names += ' ';
    names += bytesOf(variable.getName());
  }
  return names;
}

// What a SetEnv sets may be a secret.
std::string shownOption(capnp::Text::Reader option) {
  auto keyword = identity::optionKeyword({option.begin(), option.size()});
  return keyword == "setenv" ? keyword : std::string(option.begin(), option.size());
}

void appendSshOptions(std::string& to, schema::ExecRequest::Reader request) {
  std::string options;
  for (auto option : request.getSshOptions()) {
    if (!options.empty()) options += ',';
    telemetry::appendJsonString(options, shownOption(option));
  }
  if (!options.empty()) to += ",\"ssh_options\":[" + options + "]";
  if (request.getSshConfigFile().size() > 0)
    telemetry::appendJson(to, {"ssh_config", request.getSshConfigFile().cStr()});
}

}  // namespace

std::string auditFields(schema::ExecRequest::Reader request) {
  std::string text;
  auto spec = request.getSpec();
  auto command = spec.getCommand();
  if (command.isLine()) {
    telemetry::appendJson(text, {"command", bytesOf(command.getLine())});
  } else if (command.isSubsystem()) {
    telemetry::appendJson(text, {"subsystem", command.getSubsystem().cStr()});
  } else {
    appendList(text, "argv", command.getArgv());
  }
  appendSshOptions(text, request);
  if (spec.getWorkingDirectory().size() > 0)
    telemetry::appendJson(text, {"directory", bytesOf(spec.getWorkingDirectory())});
  if (spec.getEnvironment().size() > 0) telemetry::appendJson(text, {"variables", namesOf(spec.getEnvironment())});
  return text;
}

std::string auditFields(schema::TransferRequest::Reader request) {
  std::string text;
  if (request.getFrom().isHost()) appendList(text, "from", request.getFrom().getHost().getPaths());
  if (request.getTo().isHost()) {
    appendList(text, "to", request.getTo().getHost().getPaths());
    if (request.getFrom().isHost())
      telemetry::appendJson(text, {"to_target", request.getTo().getHost().getTarget().cStr()});
  }
  return text;
}

std::string auditFields(schema::ListRequest::Reader request) {
  std::string text;
  appendList(text, "paths", request.getPlace().getPaths());
  return text;
}

// A line that begins with an assignment has a value there.
std::string firstWordOf(schema::CommandSpec::Reader spec) {
  auto command = spec.getCommand();
  std::string_view text;
  if (command.isSubsystem()) {
    text = command.getSubsystem().cStr();
  } else if (command.isLine()) {
    text = bytesOf(command.getLine());
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
    text = text.substr(0, text.find_first_of(" \t\n;|&<>()"));
  } else if (auto argv = command.getArgv(); argv.size() > 0) {
    text = bytesOf(argv[0]);
  }
  return std::string(text.substr(0, std::min(text.find('='), kLongestWord)));
}

}  // namespace cbs::rpc
