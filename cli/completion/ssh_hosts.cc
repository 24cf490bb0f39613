#include "cli/completion/ssh_hosts.h"

#include "common/paths.h"
#include "common/read_file.h"

#include <glob.h>
#include <strings.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace cbs::cli {
namespace {

constexpr int kMostIncludes = 16;  // of one in the other, as ssh has it
constexpr size_t kMostHosts = 100'000;
constexpr size_t kMostSshFiles = 1000;
constexpr size_t kMostBytes = size_t{16} << 20;  // of one file

// A word, or what stands in double quotes; takes it off `line`. "" at the end and at a comment.
std::string takeWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t\r="), line.size()));
  if (line.empty() || line[0] == '#') return "";
  bool quoted = line[0] == '"';
  if (quoted) line.remove_prefix(1);
  size_t end = std::min(line.find_first_of(quoted ? "\"" : " \t\r="), line.size());
  std::string word(line.substr(0, end));
  line.remove_prefix(std::min(end + (quoted ? 1 : 0), line.size()));
  return word;
}

class HostReader {
 public:
  explicit HostReader(const std::string& home) : home_(home) {}

  void read(const std::string& path, const std::string& folder, int depth) {
    if (depth > kMostIncludes || ++files_ > kMostSshFiles) return;
    auto text = readFile(path, kMostBytes);
    if (!text) return;
    std::string_view rest = *text;
    while (!rest.empty() && hosts_.size() < kMostHosts) {
      size_t end = std::min(rest.find('\n'), rest.size());
      readLine(rest.substr(0, end), folder, depth);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  std::vector<std::string> hosts() const { return {hosts_.begin(), hosts_.end()}; }

 private:
  void readLine(std::string_view line, const std::string& folder, int depth) {
    std::string keyword = takeWord(line);
    bool host = strcasecmp(keyword.c_str(), "Host") == 0;
    if (!host && strcasecmp(keyword.c_str(), "Include") != 0) return;
    for (std::string word = takeWord(line); !word.empty(); word = takeWord(line)) {
      if (!host) {
        include(word, folder, depth);
      } else if (word.find_first_of("*?!") == word.npos) {
        hosts_.insert(word);
      }
    }
  }

  void include(const std::string& pattern, const std::string& folder, int depth) {
    std::string path = expandHome(pattern, home_);
    if (path.front() != '/') path = folder + "/" + path;
    glob_t found{};
    if (glob(path.c_str(), 0, nullptr, &found) == 0) {
      for (size_t i = 0; i < found.gl_pathc; ++i) read(found.gl_pathv[i], folder, depth + 1);
    }
    globfree(&found);
  }

  const std::string& home_;
  std::set<std::string> hosts_;
  size_t files_ = 0;
};

}  // namespace

std::vector<std::string> hostsIn(const std::vector<SshConfigFile>& files, const std::string& home) {
  HostReader reader(home);
  for (const SshConfigFile& file : files) reader.read(file.path, file.folder, 0);
  return reader.hosts();
}

}  // namespace cbs::cli
