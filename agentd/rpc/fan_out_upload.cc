#include "agentd/rpc/fan_out_upload.h"

#include "agentd/rpc/audit_fields.h"
#include "agentd/rpc/ending_signal.h"
#include "agentd/rpc/queued_transfer.h"
#include "common/deadline.h"

namespace cbs::rpc {

namespace {

// What has been cancelled as its time was over says so. An upload has no time of its own: it is that for all hosts.
void makeLate(schema::TransferResult::Builder result) {
  Error error = decode(result.getError());
  error.kind = ErrorKind::TIMED_OUT;
  error.reason = Reason::UNSPECIFIED;
  error.detail = "the deadline for all hosts passed";
  encode(kj::mv(error).with("deadline", "true"), result.initError());
}

class HostUpload final : public HostWork {
 public:
  HostUpload(uint32_t host, uint64_t limitMs, HostListener& listener)
      : HostUpload(kj::heap<Ear>(*this), host, limitMs, listener) {}
  ~HostUpload() noexcept(false) { ear_.detach(); }

  schema::TransferObserver::Client observer() { return observer_; }

  void start(schema::Transfer::Client transfer, kj::Timer& timer) {
    transfer_ = kj::mv(transfer);
    if (limitMs_ > 0) clock_ = endInTime(timer).promise().eagerlyEvaluate(nullptr);
  }

  void signal(kj::StringPtr name) override {
    if (endsProcesses({name.begin(), name.size()})) cancel();
  }
  void cancel() override {
    transfer_.cancelRequest().send().detach([](kj::Exception&&) {});
  }

 private:
  // Hears the end of the transfer, as long as somebody wants to: the engine keeps it for longer than the work lasts.
  class Ear final : public schema::TransferObserver::Server {
   public:
    explicit Ear(HostUpload& upload) : upload_(&upload) {}
    void detach() { upload_ = nullptr; }

    kj::Promise<void> progress(ProgressContext) override { return kj::READY_NOW; }
    kj::Promise<void> events(EventsContext) override { return kj::READY_NOW; }
    kj::Promise<void> finished(FinishedContext context) override {
      if (upload_ != nullptr) upload_->finished(context.getParams().getResult());
      return kj::READY_NOW;
    }

   private:
    HostUpload* upload_;
  };

  HostUpload(kj::Own<Ear> ear, uint32_t host, uint64_t limitMs, HostListener& listener)
      : ear_(*ear), observer_(kj::mv(ear)), host_(host), limitMs_(limitMs), listener_(listener) {}

  Task<void> endInTime(kj::Timer& timer) {
    co_await timer.afterDelay(limitOf(limitMs_));
    late_ = true;
    cancel();
  }

  void finished(schema::TransferResult::Reader result) {
    bool cancelled = result.getError().getReason() == Reason::CALLER_CANCELLED;
    if (!late_ || !cancelled) return listener_.moved(host_, result);
    capnp::MallocMessageBuilder message;
    message.setRoot(result);
    makeLate(message.getRoot<schema::TransferResult>());
    listener_.moved(host_, message.getRoot<schema::TransferResult>());
  }

  Ear& ear_;  // lives in observer_
  schema::TransferObserver::Client observer_;
  uint32_t host_;
  uint64_t limitMs_;
  HostListener& listener_;
  bool late_ = false;
  schema::Transfer::Client transfer_ = nullptr;
  kj::Promise<void> clock_ = nullptr;
};

}  // namespace

FanOutUploads::FanOutUploads(Services& services, Caller caller, schema::FanOutRequest::Reader request)
    : services_(services), caller_(kj::mv(caller)), sources_(request.getWork().getUpload().getSources()) {
  auto upload = request.getWork().getUpload();
  auto common = common_.initRoot<schema::TransferRequest>();
  auto path = common.getTo().initHost().initPaths(1);
  path.set(0, upload.getPath());
  common.setOptions(upload.getOptions());
  common.getOptions().setTellAll(false);  // nobody hears it
  common.setConnectTimeoutMs(upload.getConnectTimeoutMs());
  common.setCaller(upload.getCaller());
}

kj::Own<HostWork> FanOutUploads::begin(uint32_t host, kj::StringPtr target, uint64_t limitMs, HostListener& listener) {
  auto upload = kj::heap<HostUpload>(host, limitMs, listener);
  capnp::MallocMessageBuilder message;
  message.setRoot(common_.getRoot<schema::TransferRequest>().asReader());
  auto request = message.getRoot<schema::TransferRequest>();
  request.getTo().getHost().setTarget(target);
  request.getFrom().setCaller(sources_.sourceRequest().send().getSource());
  auto transfer =
      kj::heap<QueuedTransfer>(services_, caller_, request.asReader(), upload->observer(), services_.fanOutQueue);
  upload->start(kj::mv(transfer), services_.loop.timer);
  return upload;
}

std::string FanOutUploads::details() const {
  return auditFields(common_.getRoot<schema::TransferRequest>().asReader());
}

void FanOutUploads::refuse(uint32_t host, const Error& why, HostListener& listener) {
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<schema::TransferResult>();
  encode(why, result.initError());
  listener.moved(host, result);
}

}  // namespace cbs::rpc
