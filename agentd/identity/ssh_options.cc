#include "agentd/identity/ssh_options.h"

#include "agentd/core/wire.h"
#include "agentd/identity/public_key.h"
#include "agentd/identity/words.h"

#include <algorithm>

namespace cbs::identity {

std::string optionKeyword(const std::string& line) {
  auto words = splitWords(line);
  if (words.empty()) return "";
  std::string keyword = words.front();
  for (char& c : keyword) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return keyword;
}

bool SshOptions::areShort() const {
  constexpr size_t kShort = 2048;
  size_t bytes = configFile.size();
  for (const auto& line : lines) bytes += line.size();
  return bytes <= kShort;
}

std::string SshOptions::key() const {
  if (empty()) return "";
  core::WireWriter writer;
  writer.string(configFile);
  for (const auto& line : lines) writer.string(line);
  return fingerprintOf(writer.bytes());
}

bool SshOptions::treatHostsAlike() const {
  return std::none_of(lines.begin(), lines.end(), [](const std::string& line) {
    auto keyword = optionKeyword(line);
    return keyword == "hostname" || keyword.starts_with("canonical") || line.find('%') != line.npos;
  });
}

}  // namespace cbs::identity
