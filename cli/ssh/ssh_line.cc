#include "cli/ssh/ssh_line.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace cbs::cli {
namespace {

using LineMeaning = SshLine::Meaning;

constexpr std::string_view kBlanks = " \t";

const std::map<std::string, LineMeaning, std::less<>>& meanings() {
  static const std::map<std::string, LineMeaning, std::less<>> kMeanings = {
      {"bindinterface", LineMeaning::REAL},
      {"controlmaster", LineMeaning::POOLED},
      {"controlpath", LineMeaning::POOLED},
      {"controlpersist", LineMeaning::POOLED},
      {"dynamicforward", LineMeaning::REAL},
      {"forkafterauthentication", LineMeaning::REAL},
      {"forwardagent", LineMeaning::AGENT},
      {"forwardx11", LineMeaning::REAL},
      {"knownhostscommand", LineMeaning::REAL},
      {"localforward", LineMeaning::REAL},
      {"loglevel", LineMeaning::LOG_LEVEL},
      {"permitlocalcommand", LineMeaning::REAL},
      {"pkcs11provider", LineMeaning::REAL},
      {"port", LineMeaning::PORT},
      {"proxyusefdpass", LineMeaning::REAL},
      {"remotecommand", LineMeaning::REAL},
      {"remoteforward", LineMeaning::REAL},
      {"requesttty", LineMeaning::TERMINAL},
      {"sessiontype", LineMeaning::SUBSYSTEM},
      {"stdinnull", LineMeaning::NO_INPUT},
      {"tunnel", LineMeaning::REAL},
      {"user", LineMeaning::USER},
  };
  return kMeanings;
}

// Whether the value is one of a few words.
bool isWordy(LineMeaning meaning) {
  return meaning == LineMeaning::AGENT || meaning == LineMeaning::LOG_LEVEL || meaning == LineMeaning::NO_INPUT ||
         meaning == LineMeaning::SUBSYSTEM || meaning == LineMeaning::TERMINAL;
}

// Those whose values are files, or several with blanks between them.
const std::set<std::string, std::less<>> kFileKeywords = {"certificatefile", "globalknownhostsfile", "identityfile",
                                                          "revokedhostkeys", "userknownhostsfile"};

bool saysNo(std::string_view value) {
  return value == "no" || value == "none" || value == "false" || value == "off" || value == "default";
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// Where the value begins: after the keyword, blanks, and one `=`.
size_t valueAt(const std::string& text) {
  size_t at = text.find_first_of(" \t=", text.find_first_not_of(kBlanks));
  at = std::min(text.find_first_not_of(kBlanks, at), text.size());
  if (at < text.size() && text[at] == '=') at = text.find_first_not_of(kBlanks, at + 1);
  return std::min(at, text.size());
}

std::string unquoted(std::string value) {
  value.erase(std::min(value.find_last_not_of(kBlanks) + 1, value.size()));
  bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

SshLine readSshLine(const std::string& text) {
  size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  size_t end = std::min(text.find_first_of(" \t=", begin), text.size());
  SshLine line{LineMeaning::PLAIN, lower(text.substr(begin, end - begin)), unquoted(text.substr(valueAt(text)))};
  auto found = meanings().find(line.keyword);
  if (found == meanings().end()) return line;
  if (isWordy(found->second)) line.value = lower(line.value);
  bool nothing = found->second == LineMeaning::REAL && saysNo(lower(line.value));
  line.meaning = nothing ? LineMeaning::PLAIN : found->second;
  return line;
}

std::string identityFileLine(const std::string& file) {
  return "IdentityFile=" + (file.find(' ') == file.npos ? file : "\"" + file + "\"");
}

std::string absoluteFile(const std::string& path, const std::string& folder) {
  constexpr std::string_view kBegins = "/~%$\"'";
  if (path.empty() || kBegins.find(path.front()) != kBegins.npos) return path;
  std::string result;
  for (char c : folder) result += c == '%' ? "%%" : std::string(1, c);
  return result + "/" + path;
}

std::string withAbsolutePaths(const std::string& text, const std::string& folder) {
  auto line = readSshLine(text);
  bool several = line.value.find_first_of(" \t") != line.value.npos;
  bool single = line.keyword == "identityfile" || line.keyword == "certificatefile";
  if (kFileKeywords.count(line.keyword) == 0 || line.value == "none") return text;
  std::string_view rest = line.value;
  std::string files;
  while (!rest.empty()) {
    auto file = single || !several ? rest : rest.substr(0, rest.find_first_of(kBlanks));
    rest.remove_prefix(std::min(rest.size(), file.size() + 1));
    if (file.empty()) continue;
    files += (files.empty() ? "" : " ") + absoluteFile(std::string(file), folder);
  }
  bool quoted = text.substr(valueAt(text), 1) == "\"";
  return line.keyword + "=" + (quoted ? "\"" + files + "\"" : files);
}

}  // namespace cbs::cli
