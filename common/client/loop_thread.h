// The thread on which a client's calls are under way.
#pragma once

#include "common/client/calls.h"
#include "common/client/mailbox.h"

#include <future>
#include <thread>

namespace cbs::client {

class LoopThread {
 public:
  // Starts it; throws cbsession::Error if the system has not what it needs.
  explicit LoopThread(Settings settings);
  // Drops the calls that are under way.
  ~LoopThread();

  // From any thread.
  void post(Mailbox::Letter letter) { mailbox_.post(kj::mv(letter)); }

 private:
  void run(std::promise<void>& started) noexcept;
  void serve(std::promise<void>& started);

  Settings settings_;
  Mailbox mailbox_;
  std::thread thread_;
};

}  // namespace cbs::client
