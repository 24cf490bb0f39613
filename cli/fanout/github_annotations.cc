#include "cli/fanout/github_annotations.h"

#include "cli/fanout/end_message.h"
#include "cli/fanout/github_console.h"

namespace cbs::cli {
namespace {

constexpr size_t kMostAnnotations = 10;

// Percent-encodes these characters, as the runner undoes it.
std::string githubEscaped(std::string_view text, std::string_view characters) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string result;
  for (char byte : text) {
    if (characters.find(byte) == characters.npos) {
      result += byte;
    } else {
      auto code = static_cast<unsigned char>(byte);
      result.append(1, '%').append(1, kDigits[code >> 4]).append(1, kDigits[code & 15]);
    }
  }
  return result;
}

class GithubPresenter final : public Presenter {
 public:
  GithubPresenter(Console& console, const std::function<std::unique_ptr<Presenter>(Console&)>& make)
      : console_(console), guarded_(makeGithubConsole(console)), shown_(make(*guarded_)) {}

  Task<Expected<void>> started(uint32_t host) override { return shown_->started(host); }
  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override {
    return shown_->output(host, stream, bytes);
  }
  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override { return shown_->ended(host, end); }

  Task<Expected<void>> finish(const FanOutResults& results) override {
    if (auto shown = co_await shown_->finish(results); !shown) co_return shown;
    co_return co_await console_.write(schema::OutputStream::STDERR, annotations(results));
  }

 private:
  static std::string annotations(const FanOutResults& results) {
    std::vector<uint32_t> failed;
    for (uint32_t host = 0; host < results.ends.size(); ++host) {
      const HostEnd& end = results.ends[host];
      if (!end.succeeded() && !end.skipped()) failed.push_back(host);
    }
    size_t named = failed.size() <= kMostAnnotations ? failed.size() : kMostAnnotations - 1;
    std::string lines;
    for (size_t i = 0; i < named; ++i) {
      lines += githubError(results.targets[failed[i]], endMessage(results.ends[failed[i]], results.targets[failed[i]]));
    }
    size_t more = failed.size() - named;
    return more == 0 ? lines : lines + githubError("cbsession", std::to_string(more) + " more hosts have failed");
  }

  Console& console_;
  const std::unique_ptr<Console> guarded_;
  const std::unique_ptr<Presenter> shown_;
};

}  // namespace

std::string githubError(std::string_view title, std::string_view message) {
  return "::error title=" + githubEscaped(title, "%\r\n:,") + "::" + githubEscaped(message, "%\r\n") + "\n";
}

std::unique_ptr<Presenter> makeGithubPresenter(Console& console,
                                               const std::function<std::unique_ptr<Presenter>(Console&)>& make) {
  return std::make_unique<GithubPresenter>(console, make);
}

}  // namespace cbs::cli
