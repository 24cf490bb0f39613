#include "cli/fanout/ordered_presenter.h"

#include "cli/bytes.h"
#include "cli/fanout/host_end_copy.h"
#include "cli/fanout/spool.h"

#include <map>
#include <optional>

namespace cbs::cli {
namespace {

constexpr size_t kOrderedPiece = 64 << 10;

class OrderedPresenter final : public Presenter {
 public:
  OrderedPresenter(std::unique_ptr<Presenter> shown, size_t hosts) : shown_(std::move(shown)), hosts_(hosts) {}

  Task<Expected<void>> started(uint32_t host) override {
    if (host == turn_) return shown_->started(host);
    waiting_[host].started = true;
    return done();
  }

  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override {
    if (host == turn_) return shown_->output(host, stream, bytes);
    return keep(waiting_[host], stream, bytes);
  }

  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override {
    if (host != turn_) {
      waiting_[host].end = copyOf(end);
      co_return Expected<void>();
    }
    if (auto shown = co_await shown_->ended(host, end); !shown) co_return shown;
    ++turn_;
    co_return co_await catchUp();
  }

  Task<Expected<void>> finish(const FanOutResults& results) override {
    while (turn_ < hosts_) {  // those whose end was not told
      ++turn_;
      if (auto shown = co_await catchUp(); !shown) co_return shown;
    }
    co_return co_await shown_->finish(results);
  }

 private:
  // In its text, one behind the other.
  struct Run {
    schema::OutputStream stream;
    uint64_t length;
  };
  struct Waiting {
    bool started = false;
    Spool::Text text;
    std::vector<Run> runs;
    std::optional<HostEnd> end;
  };

  static Task<Expected<void>> done() { co_return Expected<void>(); }

  Task<Expected<void>> keep(Waiting& host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) {
    if (host.runs.empty() || host.runs.back().stream != stream) host.runs.push_back({stream, 0});
    host.runs.back().length += bytes.size();
    co_return spool_.append(host.text, bytes);
  }

  // Shows what has been kept of the host whose turn it is now, and of those behind it while they have ended.
  Task<Expected<void>> catchUp() {
    for (; turn_ < hosts_; ++turn_) {
      auto node = waiting_.extract(turn_);
      if (node.empty()) break;
      auto shown = co_await show(node.mapped());
      spool_.drop(node.mapped().text);
      if (!shown || !node.mapped().end) co_return shown;
    }
    co_return Expected<void>();
  }

  Task<Expected<void>> show(const Waiting& host) {
    Expected<void> shown;
    if (host.started) shown = co_await shown_->started(turn_);
    uint64_t offset = 0;
    for (const Run& run : host.runs) {
      if (shown) shown = co_await showRun(host.text, run, offset);
      offset += run.length;
    }
    if (shown && host.end) shown = co_await shown_->ended(turn_, *host.end);
    co_return shown;
  }

  Task<Expected<void>> showRun(const Spool::Text& text, Run run, uint64_t offset) {
    while (run.length > 0) {
      auto piece = spool_.read(text, offset, std::min<uint64_t>(run.length, kOrderedPiece));
      if (!piece) co_return fail(piece.error());
      auto shown = co_await shown_->output(turn_, run.stream, bytesOf(*piece));
      if (!shown) co_return shown;
      offset += piece->size();
      run.length -= piece->size();
    }
    co_return Expected<void>();
  }

  const std::unique_ptr<Presenter> shown_;
  const size_t hosts_;
  uint32_t turn_ = 0;
  std::map<uint32_t, Waiting> waiting_;
  Spool spool_;
};

}  // namespace

std::unique_ptr<Presenter> makeOrderedPresenter(std::unique_ptr<Presenter> shown, size_t hosts) {
  return std::make_unique<OrderedPresenter>(std::move(shown), hosts);
}

}  // namespace cbs::cli
