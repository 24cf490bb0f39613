#include "cli/nodes/group_command.h"

#include "cli/output/printable.h"
#include "common/child_process.h"
#include "common/duration.h"
#include "common/subprocess.h"

#include <kj/async-io.h>

#include <cstdlib>
#include <map>
#include <string_view>

namespace cbs::cli {
namespace {

constexpr size_t kMostPrinted = size_t{16} << 20;
constexpr size_t kWordsOfFailure = 800;

// How many commands of sources are above this process. One that runs cbsession for a group of its own source would
// otherwise start processes for ever.
constexpr const char* kDepthVariable = "CBSESSION_GROUPS_DEPTH";
constexpr int kDeepestCommands = 3;

int depthOfCommands() {
  const char* depth = getenv(kDepthVariable);
  return depth == nullptr ? 0 : atoi(depth);
}

std::vector<std::string> wordsIn(std::string_view text) {
  constexpr auto kSpaces = " \t\r\n";
  std::vector<std::string> words;
  while (true) {
    size_t begin = text.find_first_not_of(kSpaces);
    if (begin == text.npos) return words;
    size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

class CommandGroups final : public NamedGroups {
 public:
  explicit CommandGroups(SourceSpec spec) : spec_(std::move(spec)) {}

  tl::expected<std::optional<std::string>, std::string> group(const std::string& name) override {
    return ask(spec_.command, name).map([](const auto& words) {
      return words.empty() ? std::optional<std::string>() : joined(words);
    });
  }

  tl::expected<std::string, std::string> all() override {
    if (!spec_.all.empty()) return ask(spec_.all, "").map(joined);
    if (!spec_.list.empty()) return names().map([&](const auto& names) { return unionOfGroups(spec_.name, names); });
    return tl::unexpected("the source " + spec_.name + " does not know all its hosts. Next: give it `all` or `list`");
  }

  tl::expected<std::vector<std::string>, std::string> names() override {
    if (spec_.list.empty()) return std::vector<std::string>();
    return ask(spec_.list, "");
  }

 private:
  using Answer = tl::expected<std::vector<std::string>, std::string>;

  const Answer& ask(const std::string& line, const std::string& group) {
    auto known = answers_.find({line, group});
    if (known == answers_.end()) known = answers_.emplace(std::pair(line, group), run(line, group)).first;
    return known->second;
  }

  Answer run(const std::string& line, const std::string& group) const {
    int depth = depthOfCommands();
    if (depth >= kDeepestCommands) return tl::unexpected(failure(line, "leads to itself by way of cbsession"));
    auto io = kj::setupAsyncIo();
    Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
    SubprocessSpec spec{.argv = {"/bin/sh", "-c", line}, .maxOutputBytes = kMostPrinted};
    spec.environment = {{kDepthVariable, std::to_string(depth + 1)}};
    if (!group.empty()) spec.environment.emplace_back("GROUP", group);
    spec.timeout = spec_.timeoutMs * kj::MILLISECONDS;
    auto result = runSubprocess(loop, std::move(spec)).promise().wait(io.waitScope);
    if (!result) return tl::unexpected(failure(line, whyNot(result.error())));
    if (result->status == 0) return wordsIn(result->out);
    auto said = shortened(printable(result->err), kWordsOfFailure);
    return tl::unexpected(failure(line, describeWaitStatus(result->status) + (said.empty() ? "" : ": " + said)));
  }

  std::string whyNot(const Error& error) const {
    if (error.reason != Reason::COMMAND_TIMED_OUT) return "did not answer: " + error.detail;
    return "did not end within " + durationText(spec_.timeoutMs * kj::MILLISECONDS);
  }

  std::string failure(const std::string& line, const std::string& what) const {
    return "the source " + spec_.name + " could not be asked: `" + printable(line) + "` " + what;
  }

  const SourceSpec spec_;
  std::map<std::pair<std::string, std::string>, Answer> answers_;  // of a line, about a group
};

}  // namespace

std::unique_ptr<NamedGroups> commandGroups(SourceSpec spec) { return std::make_unique<CommandGroups>(std::move(spec)); }

}  // namespace cbs::cli
