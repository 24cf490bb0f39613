#include "cli/nodes/ansible_login.h"

#include "cli/output/printable.h"

#include <charconv>
#include <cstdint>

namespace cbs::cli {
namespace {

// What neither can have: a daemon would refuse it, or a node set would mean something else by it.
constexpr std::string_view kOddInHosts = "'`\"$\\;&<>|(){}[]/,!^@*?#= \t";
constexpr std::string_view kOddInUsers = "'`\";&<>|(){}[],!^*?#: \t";

enum class LoginPart { NONE, ADDRESS, PORT, USER };

LoginPart partOf(std::string_view variable) {
  if (variable == "ansible_host" || variable == "ansible_ssh_host") return LoginPart::ADDRESS;
  if (variable == "ansible_port" || variable == "ansible_ssh_port") return LoginPart::PORT;
  if (variable == "ansible_user" || variable == "ansible_ssh_user") return LoginPart::USER;
  return LoginPart::NONE;
}

bool isUser(std::string_view name) {
  return !name.empty() && name[0] != '-' && name.find_first_of(kOddInUsers) == name.npos;
}

}  // namespace

bool isInventoryHost(std::string_view name) {
  return !name.empty() && name[0] != '-' && name.find_first_of(kOddInHosts) == name.npos;
}

bool isInventoryPort(std::string_view text) {
  uint16_t port = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  return problem == std::errc() && end == text.data() + text.size() && port > 0;
}

bool AnsibleLogin::has(std::string_view variable) { return partOf(variable) != LoginPart::NONE; }

void AnsibleLogin::override(const AnsibleLogin& other) {
  if (!other.address.empty()) address = other.address;
  if (!other.port.empty()) port = other.port;
  if (!other.user.empty()) user = other.user;
}

std::string AnsibleLogin::take(std::string_view variable, const std::string& value) {
  auto part = partOf(variable);
  std::string shown = std::string(variable) + "='" + printable(value) + "'";
  if (part == LoginPart::NONE) return "";
  if (value.find("{{") != value.npos) return shown + " is a template, which only Ansible can fill in";
  if (part == LoginPart::ADDRESS && !isInventoryHost(value)) return shown + " is no host";
  if (part == LoginPart::PORT && !isInventoryPort(value)) return shown + " is no port";
  if (part == LoginPart::USER && !isUser(value)) return shown + " is no user";
  (part == LoginPart::ADDRESS ? address : part == LoginPart::PORT ? port : user) = value;
  return "";
}

std::string AnsibleLogin::target(const std::string& name) const {
  std::string host = address.empty() ? name : address;
  if (!port.empty()) host = (host.find(':') == host.npos ? host : "[" + host + "]") + ":" + port;
  return user.empty() ? host : user + "@" + host;
}

}  // namespace cbs::cli
