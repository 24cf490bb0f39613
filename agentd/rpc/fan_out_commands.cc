#include "agentd/rpc/fan_out_commands.h"

#include "agentd/rpc/audit_fields.h"
#include "agentd/rpc/queued_command.h"
#include "agentd/rpc/ssh_options.h"

namespace cbs::rpc {
namespace {

using Input = std::shared_ptr<const kj::Array<kj::byte>>;

// A packet of SSH holds as much, and a thousand commands that read nothing keep a piece each.
constexpr size_t kPiece = size_t{32} * 1024;

// What is equal in many messages is not copied with each: what is said of the caller goes beside them.
void setWithoutCaller(schema::ExecRequest::Reader request, capnp::MessageBuilder& to) {
  capnp::MallocMessageBuilder whole(static_cast<unsigned>(request.totalSize().wordCount) + 1);
  whole.setRoot(request);
  whole.getRoot<schema::ExecRequest>().disownCaller();
  to.setRoot(whole.getRoot<schema::ExecRequest>().asReader());
}

// The engine takes an empty write once the command has begun, so that of hosts which still wait nothing is copied.
Task<void> feed(schema::Command::Client command, Input input) {
  auto response = co_await command.stdinRequest().send();
  auto sink = response.getSink();
  co_await sink.writeRequest().send();
  for (size_t done = 0; done < input->size(); done += kPiece) {
    auto request = sink.writeRequest(capnp::MessageSize{kPiece / sizeof(capnp::word) + 4, 0});
    request.setBytes(input->slice(done, kj::min(done + kPiece, input->size())));
    co_await request.send();
  }
  co_await sink.endRequest().send();
}

// Tells the listener, as long as there is one: the engine keeps it for longer than the work lasts.
class HostSink final : public schema::OutputSink::Server {
 public:
  HostSink(uint32_t host, HostListener& listener) : host_(host), listener_(&listener) {}

  void detach() { listener_ = nullptr; }

  kj::Promise<void> write(WriteContext context) override {
    if (listener_ == nullptr) return KJ_EXCEPTION(DISCONNECTED, "the caller has gone");
    return listener_->printed(host_, kj::mv(context));
  }
  kj::Promise<void> finished(FinishedContext context) override {
    if (listener_ != nullptr) listener_->ended(host_, context.getParams().getOutcome());
    return kj::READY_NOW;
  }

 private:
  uint32_t host_;
  HostListener* listener_;
};

class HostCommand final : public HostWork {
 public:
  HostCommand(Services& services, Applicant applicant, schema::ExecRequest::Reader request, kj::Own<HostSink> sink,
              Input input)
      : sink_(*sink),
        output_(kj::mv(sink)),
        command_(kj::heap<QueuedCommand>(services, kj::mv(applicant), request, output_)) {
    if (input == nullptr) return;
    // That it fails means that the command has ended, and the outcome says how.
    feeding_ = feed(command_, kj::mv(input)).promise().eagerlyEvaluate([](kj::Exception&&) {});
  }
  ~HostCommand() noexcept(false) { sink_.detach(); }

  void signal(kj::StringPtr name) override {
    auto request = command_.signalRequest();
    request.setName(name);
    request.send().detach([](kj::Exception&&) {});
  }
  void cancel() override {
    command_.cancelRequest().send().detach([](kj::Exception&&) {});
  }

 private:
  HostSink& sink_;  // lives in output_
  schema::OutputSink::Client output_;
  schema::Command::Client command_;
  kj::Promise<void> feeding_ = kj::READY_NOW;
};

}  // namespace

FanOutCommands::FanOutCommands(Services& services, const Caller& caller, schema::ExecRequest::Reader request,
                               capnp::Data::Reader input)
    : services_(services),
      applicant_(applicantOf(caller, request)),
      timeoutMs_(request.getSpec().getTimeoutMs()),
      what_(firstWordOf(request.getSpec())) {
  applicant_.priority = request.getPriority();
  applicant_.lanes = &services.fanOutQueue;
  applicant_.ssh = sshOptionsOf(request, caller.user);
  applicant_.share = " for fan-outs";
  setWithoutCaller(request, request_);
  if (request.getSpec().getForwardStdin()) {
    input_ = std::make_shared<const kj::Array<kj::byte>>(kj::heapArray<kj::byte>(input));
  }
}

kj::Own<HostWork> FanOutCommands::begin(uint32_t host, kj::StringPtr target, uint64_t limitMs, HostListener& listener) {
  auto applicant = applicant_;
  applicant.target = target.cStr();
  applicant.timeoutMs = limitMs;
  return kj::heap<HostCommand>(services_, kj::mv(applicant), request_.getRoot<schema::ExecRequest>(),
                               kj::heap<HostSink>(host, listener), input_);
}

void FanOutCommands::refuse(uint32_t host, const Error& why, HostListener& listener) {
  capnp::MallocMessageBuilder message;
  auto outcome = message.initRoot<schema::Outcome>();
  encode(why, outcome.initError());
  listener.ended(host, outcome.asReader());
}

std::string FanOutCommands::details() const {
  return auditFields(const_cast<capnp::MallocMessageBuilder&>(request_).getRoot<schema::ExecRequest>().asReader());
}

}  // namespace cbs::rpc
