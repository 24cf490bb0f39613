#include "cli/fanout/junit_presenter.h"

#include "cli/fanout/end_message.h"
#include "cli/fanout/kept_output.h"
#include "cli/fanout/utf8_pieces.h"
#include "cli/fanout/xml_text.h"

#include <cstdio>
#include <ctime>

namespace cbs::cli {
namespace {

constexpr size_t kJunitPiece = 64 << 10;
constexpr const char* kClass = "cbsession.exec";

enum class Verdict { passed, failed, error, skipped };

Verdict verdictOf(const HostEnd& end) {
  if (end.skipped()) return Verdict::skipped;
  if (end.error.kind != ErrorKind::NONE) return Verdict::error;
  return end.succeeded() ? Verdict::passed : Verdict::failed;
}

std::string attribute(const char* name, std::string_view value) {
  return std::string(" ") + name + "=\"" + xmlAttribute(value) + "\"";
}

std::string secondsText(uint64_t microseconds) {
  char text[32];
  snprintf(text, sizeof(text), "%.3f", static_cast<double>(microseconds) / 1e6);
  return text;
}

// From its turn to its status.
uint64_t microsecondsOf(const HostEnd& end) {
  if (end.outcome.get() == nullptr) return 0;
  auto times = end.outcome->getTimes();
  return times.getQueueUs() + times.getPoolUs() + times.getOpenUs() + times.getRunUs();
}

// UTC, as ISO 8601 has it.
std::string timestamp() {
  time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  size_t length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, length};
}

struct Figures {
  uint32_t tests = 0;
  uint32_t failures = 0;
  uint32_t errors = 0;
  uint32_t skipped = 0;
};

Figures figuresOf(const std::vector<HostEnd>& ends) {
  Figures figures;
  for (const HostEnd& end : ends) {
    Verdict verdict = verdictOf(end);
    ++figures.tests;
    figures.failures += verdict == Verdict::failed;
    figures.errors += verdict == Verdict::error;
    figures.skipped += verdict == Verdict::skipped;
  }
  return figures;
}

std::string figuresText(const Figures& figures, kj::Duration duration) {
  return attribute("tests", std::to_string(figures.tests)) + attribute("failures", std::to_string(figures.failures)) +
         attribute("errors", std::to_string(figures.errors)) + attribute("skipped", std::to_string(figures.skipped)) +
         attribute("time", secondsText(static_cast<uint64_t>(duration / kj::MICROSECONDS)));
}

// What is in a test case that has not passed.
std::string verdictText(const HostEnd& end, const std::string& target) {
  Verdict verdict = verdictOf(end);
  if (verdict == Verdict::passed) return "";
  auto message = attribute("message", endMessage(end, target));
  if (verdict == Verdict::skipped) return "      <skipped" + message + "/>\n";
  bool failed = verdict == Verdict::failed;
  std::string element = failed ? "failure" : "error";
  auto type = attribute("type", failed ? "status" : nameOf(end.error.kind));
  return "      <" + element + message + type + ">" + xmlText(endSentence(end, target)) + "</" + element + ">\n";
}

class JunitPresenter final : public Presenter {
 public:
  explicit JunitPresenter(PresenterNeeds needs) : needs_(needs), begun_(timestamp()) {}

  Task<Expected<void>> started(uint32_t) override { co_return Expected<void>(); }

  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override {
    co_return kept_.append(host, stream, bytes);
  }

  Task<Expected<void>> ended(uint32_t, const HostEnd&) override { co_return Expected<void>(); }

  Task<Expected<void>> finish(const FanOutResults& results) override {
    auto figures = figuresText(figuresOf(results.ends), results.duration);
    auto shown =
        co_await print("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + figures + ">\n  <testsuite" +
                       attribute("name", needs_.command) + figures + attribute("timestamp", begun_) + ">\n");
    for (uint32_t host = 0; host < results.ends.size() && shown; ++host) {
      shown = co_await show(host, results.ends[host]);
      kept_.drop(host);
    }
    if (!shown) co_return shown;
    co_return co_await print("  </testsuite>\n</testsuites>\n");
  }

 private:
  Task<Expected<void>> show(uint32_t host, const HostEnd& end) {
    const std::string& target = needs_.targets[host];
    auto shown = co_await print("    <testcase" + attribute("name", target) + attribute("classname", kClass) +
                                attribute("time", secondsText(microsecondsOf(end))) + ">\n" + verdictText(end, target));
    if (shown) shown = co_await showStream("system-out", kept_.text(host, schema::OutputStream::STDOUT));
    if (shown) shown = co_await showStream("system-err", kept_.text(host, schema::OutputStream::STDERR));
    if (!shown) co_return shown;
    co_return co_await print("    </testcase>\n");
  }

  Task<Expected<void>> showStream(std::string element, const Spool::Text& text) {
    if (text.empty()) co_return Expected<void>();
    auto shown = co_await print("      <" + element + ">");
    Utf8Pieces pieces;
    for (uint64_t offset = 0; offset < text.size() && shown;) {
      auto piece = kept_.spool().read(text, offset, kJunitPiece);
      if (!piece) co_return fail(piece.error());
      offset += piece->size();
      shown = co_await print(xmlText(pieces.next(*piece)));
    }
    if (!shown) co_return shown;
    co_return co_await print(xmlText(pieces.rest()) + "</" + element + ">\n");
  }

  Task<Expected<void>> print(std::string text) {
    return needs_.console.write(schema::OutputStream::STDOUT, std::move(text));
  }

  const PresenterNeeds needs_;
  const std::string begun_;
  KeptOutput kept_;
};

}  // namespace

std::unique_ptr<Presenter> makeJunitPresenter(PresenterNeeds needs) { return std::make_unique<JunitPresenter>(needs); }

}  // namespace cbs::cli
