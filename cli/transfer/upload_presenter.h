// Shows what becomes of an upload to many hosts: a line for each, or JSON.
#pragma once

#include "cli/fanout/console.h"
#include "cli/fanout/presenter.h"
#include "cli/transfer/upload_order.h"

namespace cbs::cli {

class UploadPresenter final : public Presenter {
 public:
  // Both outlive it.
  UploadPresenter(Console& console, const UploadOrder& upload) : console_(console), upload_(upload) {}

  Task<Expected<void>> started(uint32_t host) override;
  Task<Expected<void>> output(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) override;
  Task<Expected<void>> ended(uint32_t host, const HostEnd& end) override;
  Task<Expected<void>> finish(const FanOutResults& results) override;

 private:
  TransferPlaces placesOf(uint32_t host) const;
  std::string resultLine(uint32_t host, const HostEnd& end) const;
  std::string report(uint32_t host, const HostEnd& end) const;
  Task<Expected<void>> sayFailure(uint32_t host, const HostEnd& end);
  Task<Expected<void>> printReports(const FanOutResults& results);

  Console& console_;
  const UploadOrder& upload_;
};

}  // namespace cbs::cli
