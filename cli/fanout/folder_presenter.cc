#include "cli/fanout/folder_presenter.h"

namespace cbs::cli {
namespace {

class FolderPresenter final : public Presenter {
 public:
  FolderPresenter(OutputFolder folder, const std::vector<std::string>& targets, std::unique_ptr<Presenter> shown,
                  bool showsOutput)
      : folder_(std::move(folder)), targets_(targets), shown_(std::move(shown)), showsOutput_(showsOutput) {}

  Task<Expected<void>> started(uint32_t host) override {
    if (auto cleared = clearOnce(host); !cleared) co_return cleared;
    co_return co_await shown_->started(host);
  }

  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override {
    if (auto cleared = clearOnce(host); !cleared) co_return cleared;
    auto written = folder_.append(targets_[host], stream, bytes);
    if (!written || !showsOutput_) co_return written;
    co_return co_await shown_->output(host, stream, bytes);
  }

  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override {
    if (auto cleared = clearOnce(host); !cleared) co_return cleared;
    bool sent = end.outcome.get() != nullptr && !end.outcome->getState().isNotSent();
    auto made = sent ? folder_.append(targets_[host], schema::OutputStream::STDOUT, nullptr) : Expected<void>();
    if (!made) co_return made;
    co_return co_await shown_->ended(host, end);
  }

  Task<Expected<void>> finish(const FanOutResults& results) override { return shown_->finish(results); }

 private:
  // A host that never began has no results either, and nobody is to take old ones for new.
  Expected<void> clearOnce(uint32_t host) {
    if (cleared_.empty()) cleared_.resize(targets_.size());
    if (cleared_[host]) return {};
    cleared_[host] = true;
    return folder_.clear(targets_[host]);
  }

  OutputFolder folder_;
  const std::vector<std::string>& targets_;
  const std::unique_ptr<Presenter> shown_;
  const bool showsOutput_;
  std::vector<bool> cleared_;
};

}  // namespace

std::unique_ptr<Presenter> makeFolderPresenter(OutputFolder folder, const std::vector<std::string>& targets,
                                               std::unique_ptr<Presenter> shown, bool showsOutput) {
  return std::make_unique<FolderPresenter>(std::move(folder), targets, std::move(shown), showsOutput);
}

}  // namespace cbs::cli
