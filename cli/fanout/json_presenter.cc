#include "cli/fanout/json_presenter.h"

#include "cli/bytes.h"
#include "cli/fanout/host_end_copy.h"
#include "cli/fanout/kept_output.h"
#include "cli/fanout/summary.h"
#include "cli/output/exec_result.h"
#include "cli/output/printable.h"
#include "common/duration.h"
#include "common/json.h"

#include <capnp/message.h>

#include <map>

namespace cbs::cli {
namespace {

constexpr size_t kFilledAtOnce = 1 << 20;

class JsonPresenter final : public Presenter {
 public:
  JsonPresenter(PresenterNeeds needs, size_t most) : needs_(needs), most_(most), kept_(most) {}

  Task<Expected<void>> started(uint32_t) override { co_return Expected<void>(); }

  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override {
    co_return kept_.append(host, stream, bytes);
  }

  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override {
    if (host != next_) {
      waiting_.emplace(host, copyOf(end));
      co_return Expected<void>();
    }
    auto shown = co_await show(end);
    while (shown && !waiting_.empty() && waiting_.begin()->first == next_) {
      auto node = waiting_.extract(waiting_.begin());
      shown = co_await show(node.mapped());
    }
    co_return shown;
  }

  Task<Expected<void>> finish(const FanOutResults& results) override {
    while (next_ < results.targets.size()) {
      if (auto shown = co_await show(results.ends[next_]); !shown) co_return shown;
    }
    capnp::MallocMessageBuilder message;
    auto summary = message.initRoot<schema::FanOutSummary>();
    describeSummary(results, summary);
    std::string text = "],\"summary\":" + toJson<schema::FanOutSummary>(summary);
    text.insert(text.size() - 1, 1, '}');
    co_return co_await print(std::move(text));
  }

 private:
  // That of the host whose turn it is.
  Task<Expected<void>> show(const HostEnd& end) {
    uint32_t host = next_++;
    const std::string& target = needs_.targets[host];
    CapturedOutput output(most_);
    for (auto stream : {schema::OutputStream::STDOUT, schema::OutputStream::STDERR}) {
      if (auto filled = co_await fill(output, host, stream); !filled) co_return filled;
    }
    kept_.drop(host);
    if (auto printed = co_await print(resultText(target, end, output)); !printed) co_return printed;
    auto lines = truncations(target, output);
    if (lines.empty()) co_return Expected<void>();
    co_return co_await needs_.console.write(schema::OutputStream::STDERR, std::move(lines));
  }

  std::string truncations(const std::string& target, const CapturedOutput& output) const {
    std::string lines;
    for (auto stream : {schema::OutputStream::STDOUT, schema::OutputStream::STDERR}) {
      const char* name = stream == schema::OutputStream::STDOUT ? "standard output" : "standard error";
      if (!output.stream(stream).truncated) continue;
      lines +=
          "cbsession: " + printable(target) + ": only the first " + byteText(most_) + " of " + name + " are shown\n";
    }
    return lines;
  }

  Task<Expected<void>> fill(CapturedOutput& output, uint32_t host, schema::OutputStream stream) {
    const Spool::Text& text = kept_.text(host, stream);
    for (uint64_t offset = 0; offset < text.size();) {
      auto piece = kept_.spool().read(text, offset, kFilledAtOnce);
      if (!piece) co_return fail(piece.error());
      offset += piece->size();
      auto written = co_await output.write(stream, bytesOf(*piece));
      if (!written) co_return written;
    }
    co_return Expected<void>();
  }

  std::string resultText(const std::string& target, const HostEnd& end, const CapturedOutput& output) const {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<schema::ExecResult>();
    describeExecResult(target, execEndOf(end), output, result);
    std::string text = results_.write(result.asReader());
    text.pop_back();  // its line feed
    return text;
  }

  // A piece of the report: a result, or its end.
  Task<Expected<void>> print(std::string text) {
    bool isEnd = text[0] == ']';
    if (!begun_) {
      text.insert(0, "{\"results\":[");
    } else if (!isEnd) {
      text.insert(0, ",");
    }
    begun_ = true;
    co_return co_await needs_.console.write(schema::OutputStream::STDOUT, std::move(text));
  }

  const PresenterNeeds needs_;
  const size_t most_;
  const JsonWriter results_{capnp::Schema::from<schema::ExecResult>()};
  KeptOutput kept_;
  std::map<uint32_t, HostEnd> waiting_;  // those that have ended before it was their turn
  uint32_t next_ = 0;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<Presenter> makeJsonPresenter(PresenterNeeds needs, size_t most) {
  return std::make_unique<JsonPresenter>(needs, most);
}

}  // namespace cbs::cli
