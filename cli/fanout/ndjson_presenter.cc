#include "cli/fanout/ndjson_presenter.h"

#include "cli/bytes.h"
#include "cli/fanout/host_end_copy.h"
#include "cli/fanout/summary.h"
#include "cli/fanout/utf8_pieces.h"
#include "cli/output/exec_result.h"
#include "cli/output/json_text.h"
#include "common/json.h"

#include <capnp/message.h>

#include <map>
#include <utility>

namespace cbs::cli {
namespace {

constexpr schema::OutputStream kBothStreams[] = {schema::OutputStream::STDOUT, schema::OutputStream::STDERR};

class NdjsonPresenter final : public Presenter {
 public:
  explicit NdjsonPresenter(PresenterNeeds needs) : needs_(needs) {}

  Task<Expected<void>> started(uint32_t host) override {
    capnp::MallocMessageBuilder message;
    auto event = message.initRoot<schema::FanOutStartedEvent>();
    event.setEvent("started");
    event.setTarget(needs_.targets[host].c_str());
    return print(started_.write(event.asReader()));
  }

  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override {
    auto piece = viewOf(bytes);
    auto place = unfinished_.find({host, stream});
    if (place == unfinished_.end()) {
      if (unfinishedCharacter(piece) == 0) return print(outputText(host, stream, piece));
      place = unfinished_.emplace(std::pair(host, stream), Utf8Pieces()).first;
    }
    return print(outputText(host, stream, place->second.next(piece)));
  }

  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override {
    std::string text;
    for (auto stream : kBothStreams) text += restText(host, stream);
    co_return co_await print(text + endText(host, end));
  }

  Task<Expected<void>> finish(const FanOutResults& results) override {
    std::string text;
    for (const auto& [place, pieces] : std::exchange(unfinished_, {})) {
      text += outputText(place.first, place.second, Utf8Pieces(pieces).rest());
    }
    capnp::MallocMessageBuilder message;
    auto summary = message.initRoot<schema::FanOutSummary>();
    summary.setEvent("summary");
    describeSummary(results, summary);
    co_return co_await print(text + toJson<schema::FanOutSummary>(summary));
  }

 private:
  Task<Expected<void>> print(std::string text) {
    return needs_.console.write(schema::OutputStream::STDOUT, std::move(text));
  }

  // "" if there is nothing to tell.
  std::string outputText(uint32_t host, schema::OutputStream stream, std::string_view bytes) const {
    if (bytes.empty()) return "";
    capnp::MallocMessageBuilder message;
    auto event = message.initRoot<schema::FanOutOutputEvent>();
    event.setEvent("output");
    event.setTarget(needs_.targets[host].c_str());
    event.setStream(stream);
    setBytes(bytes, [&](kj::StringPtr text, bool base64) {
      event.setText(text);
      event.setBase64(base64);
    });
    return output_.write(event.asReader());
  }

  std::string restText(uint32_t host, schema::OutputStream stream) {
    auto node = unfinished_.extract({host, stream});
    return node.empty() ? "" : outputText(host, stream, node.mapped().rest());
  }

  std::string endText(uint32_t host, const HostEnd& end) const {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<schema::ExecResult>();
    result.setEvent("ended");
    describeExecEnd(needs_.targets[host], execEndOf(end), result);
    return ended_.write(result.asReader());
  }

  const PresenterNeeds needs_;
  const JsonWriter started_{capnp::Schema::from<schema::FanOutStartedEvent>()};
  const JsonWriter output_{capnp::Schema::from<schema::FanOutOutputEvent>()};
  const JsonWriter ended_{capnp::Schema::from<schema::ExecResult>()};
  std::map<std::pair<uint32_t, schema::OutputStream>, Utf8Pieces> unfinished_;  // of those that have needed it
};

}  // namespace

std::unique_ptr<Presenter> makeNdjsonPresenter(PresenterNeeds needs) {
  return std::make_unique<NdjsonPresenter>(needs);
}

}  // namespace cbs::cli
