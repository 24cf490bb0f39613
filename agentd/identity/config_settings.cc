#include "agentd/identity/config_settings.h"

#include "agentd/identity/path_tokens.h"

#include <strings.h>

#include <algorithm>
#include <map>

namespace cbs::identity {
namespace {

using Origin = ConfigSetting::Origin;
using Values = std::vector<std::string>;

struct Keyword {
  const char* name;          // as ssh_config(5) spells it
  bool accumulates = false;  // each value has an origin of its own
};

// In the order in which they are told.
constexpr Keyword kKeywords[] = {
    {"HostName"},
    {"Port"},
    {"User"},
    {"ProxyJump"},
    {"ProxyCommand"},
    {"AddressFamily"},
    {"BindAddress"},
    {"ConnectTimeout"},
    {"ServerAliveInterval"},
    {"ServerAliveCountMax"},
    {"IdentityFile", true},
    {"CertificateFile", true},
    {"IdentitiesOnly"},
    {"IdentityAgent"},
    {"AddKeysToAgent"},
    {"ForwardAgent"},
    {"PreferredAuthentications"},
    {"PubkeyAuthentication"},
    {"PubkeyAcceptedAlgorithms"},
    {"PasswordAuthentication"},
    {"KbdInteractiveAuthentication"},
    {"NumberOfPasswordPrompts"},
    {"BatchMode"},
    {"StrictHostKeyChecking"},
    {"UserKnownHostsFile"},
    {"GlobalKnownHostsFile"},
    {"HashKnownHosts"},
    {"HostKeyAlias"},
    {"HostKeyAlgorithms"},
    {"CASignatureAlgorithms"},
    {"RevokedHostKeys"},
    {"NoHostAuthenticationForLocalhost"},
    {"Ciphers"},
    {"MACs"},
    {"KexAlgorithms"},
    {"RequestTTY"},
    {"SetEnv", true},
    {"SendEnv", true},
};

// The values of `ssh -G`, by keyword.
std::map<std::string, Values> valuesIn(std::string_view printed) {
  std::map<std::string, Values> values;
  while (!printed.empty()) {
    auto line = printed.substr(0, printed.find('\n'));
    printed.remove_prefix(std::min(printed.size(), line.size() + 1));
    auto space = line.find(' ');
    if (space == std::string_view::npos) continue;
    auto& list = values[presentKeyword(line.substr(0, space))];
    // ssh prints some a second time when it has read all once more.
    if (std::find(list.begin(), list.end(), line.substr(space + 1)) == list.end())
      list.emplace_back(line.substr(space + 1));
  }
  return values;
}

bool equalNames(const std::string& a, const std::string& b) { return strcasecmp(a.c_str(), b.c_str()) == 0; }

bool saysNone(const ConfigLine& line) { return !line.words.empty() && equalNames(line.words[0], "none"); }

// HostName knows these two tokens only (ssh_config(5), TOKENS).
std::string expandHostName(std::string_view written, const std::string& host) {
  std::string name;
  for (size_t i = 0; i < written.size(); ++i) {
    auto token = written.substr(i, 2);
    if (token == "%h" || token == "%%") ++i;
    name += token == "%h" ? host : std::string(1, token[0]);
  }
  return name;
}

class Settings {
 public:
  Settings(const core::Target& target, std::string_view printed, std::string_view standard, const AppliedLines& applied)
      : target_(target), printed_(valuesIn(printed)), standard_(valuesIn(standard)), applied_(applied) {}

  std::vector<ConfigSetting> all() {
    for (const Keyword& keyword : kKeywords) add(keyword);
    return std::move(settings_);
  }

 private:
  void add(const Keyword& keyword) {
    auto name = presentKeyword(keyword.name);
    if (printed_[name].empty()) return addUnprinted(keyword.name, name);
    for (const auto& value : printed_[name]) {
      ConfigSetting setting{.keyword = keyword.name, .value = value};
      decide(setting, name, keyword.accumulates);
      settings_.push_back(std::move(setting));
    }
  }

  // ssh does not print what is not set, nor some of what is set to `none`. A line that sets something else has been
  // overruled (ProxyJump by ProxyCommand), or undone (SendEnv -NAME).
  void addUnprinted(const char* keyword, const std::string& name) {
    ConfigSetting setting{.keyword = keyword};
    const ConfigLine* line = firstLine([&](const ConfigLine& line) { return line.keyword == name; });
    if (line == nullptr) {
      setting.origin = applied_.complete && standard_[name].empty() ? Origin::DEFAULT : Origin::UNKNOWN;
    } else if (saysNone(*line)) {
      setting.value = "none";
      place(setting, *line);
    }
    settings_.push_back(std::move(setting));
  }

  void decide(ConfigSetting& setting, const std::string& name, bool accumulates) {
    bool byTarget = (name == "user" && target_.user) || (name == "port" && target_.port);
    if (byTarget) {
      setting.origin = Origin::TARGET;
    } else if (name == "hostname") {
      decideHostName(setting);
    } else if (const ConfigLine* line = accumulates ? lineWith(name, setting.value) : lineOf(name, setting.value)) {
      place(setting, *line);
    } else if (applied_.complete) {
      decideUnwritten(setting, name);
    }
  }

  // A HostName that applies only when all is read once more comes too late: ssh has chosen one by then. It may also
  // have looked up a canonical name, which no line has.
  void decideHostName(ConfigSetting& setting) {
    const ConfigLine* line = firstLine(
        [](const ConfigLine& line) { return line.keyword == "hostname" && !line.again && !line.words.empty(); });
    auto name = line == nullptr ? target_.host : expandHostName(line->words[0], target_.host);
    if (!equalNames(name, setting.value)) return;
    if (line != nullptr) {
      place(setting, *line);
    } else if (applied_.complete) {
      setting.origin = Origin::TARGET;
    }
  }

  // Nothing sets it. If it is no default either, it may follow from something else: Debian's ssh asks for proofs of
  // life in BatchMode.
  void decideUnwritten(ConfigSetting& setting, const std::string& name) {
    const auto& standard = standard_[name];
    const ConfigLine* batch = name == "serveraliveinterval" ? lineOf("batchmode", "") : nullptr;
    if (std::find(standard.begin(), standard.end(), setting.value) != standard.end()) {
      setting.origin = Origin::DEFAULT;
    } else if (batch != nullptr) {
      place(setting, *batch);
    }
  }

  // Before it was a value, ProxyJump none decided nothing.
  const ConfigLine* lineOf(const std::string& name, const std::string& value) const {
    bool proxy = name.starts_with("proxy") && value != "none";
    return firstLine([&](const ConfigLine& line) { return line.keyword == name && !(proxy && saysNone(line)); });
  }

  const ConfigLine* lineWith(const std::string& name, const std::string& value) const {
    auto isIt = [&](const std::string& word) { return expandTilde(word) == expandTilde(value); };
    return firstLine([&](const ConfigLine& line) {
      return line.keyword == name && std::any_of(line.words.begin(), line.words.end(), isIt);
    });
  }

  template <typename Wanted>
  const ConfigLine* firstLine(const Wanted& wanted) const {
    auto line = std::find_if(applied_.lines.begin(), applied_.lines.end(), wanted);
    return line == applied_.lines.end() ? nullptr : &*line;
  }

  static void place(ConfigSetting& setting, const ConfigLine& line) {
    setting.origin = Origin::FILE;
    setting.file = line.file;
    setting.line = line.line;
  }

  const core::Target& target_;
  std::map<std::string, Values> printed_;
  std::map<std::string, Values> standard_;
  const AppliedLines& applied_;
  std::vector<ConfigSetting> settings_;
};

}  // namespace

std::vector<ConfigSetting> settingsOf(const core::Target& target, std::string_view printed, std::string_view standard,
                                      const AppliedLines& applied) {
  return Settings(target, printed, standard, applied).all();
}

}  // namespace cbs::identity
