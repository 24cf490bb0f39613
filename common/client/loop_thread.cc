#include "common/client/loop_thread.h"

#include "common/client/reply.h"

#include <signal.h>

#include <system_error>

namespace cbs::client {
namespace {

[[noreturn]] void refuse(const Error& error) { throw cbsession::Error(failureOf(error)); }

Mailbox openMailbox() {
  auto mailbox = Mailbox::open();
  if (!mailbox) refuse(mailbox.error());
  return kj::mv(*mailbox);
}

// The program's signals are for the threads that it knows of. Those that a thread starts inherit what it blocks.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  KJ_DISALLOW_COPY(SignalsBlocked);

 private:
  sigset_t before_;
};

}  // namespace

LoopThread::LoopThread(Settings settings) : settings_(std::move(settings)), mailbox_(openMailbox()) {
  std::promise<void> started;
  auto begun = started.get_future();
  try {
    SignalsBlocked blocked;
    thread_ = std::thread([this, started = std::move(started)]() mutable { run(started); });
  } catch (const std::system_error& error) {
    refuse({ErrorKind::INTERNAL, Reason::UNSPECIFIED, error.what()});
  }
  try {
    begun.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

LoopThread::~LoopThread() {
  mailbox_.close();
  thread_.join();
}

// A loop that fails closes the mailbox, so that calls fail instead of waiting for ever.
void LoopThread::run(std::promise<void>& started) noexcept {
  KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { serve(started); })) {
    mailbox_.close();
    Error error{ErrorKind::INTERNAL, Reason::UNSPECIFIED, exception->getDescription().cStr()};
    try {
      started.set_exception(std::make_exception_ptr(cbsession::Error(failureOf(error))));
    } catch (const std::future_error&) {  // it had started
    }
  }
}

void LoopThread::serve(std::promise<void>& started) {
  auto io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
  Calls calls(loop, settings_);
  auto delivered = mailbox_.deliver(loop, calls).promise();
  started.set_value();
  delivered.wait(io.waitScope);
}

}  // namespace cbs::client
