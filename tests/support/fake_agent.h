// ssh-agents that misbehave, each in its own way.
#pragma once

#include "tests/support/temp_folder.h"
#include "tests/support/unique_fd.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cbs::test {

// Listens on a Unix socket and serves each connection in a thread of its own. What is not spoilt is answered by a real
// agent behind it. Ends with the object, and lets go of everyone first.
class FakeAgent {
 public:
  enum class Manner {
    kHangs,            // takes requests, and never answers
    kClosesAtOnce,     // accepts, and closes
    kDiesInRequest,    // closes when a request has come
    kDiesInAnswer,     // … when half of the answer has gone
    kSendsGarbage,     // answers with no agent's message
    kSendsHugeLength,  // says that four gigabytes follow
    kWillNotSign,      // lists its keys, and refuses to sign with any
    kHoldsSignature,   // signs, but with the held key when release() says so: a key that waits for a touch
  };

  // `held` is the public key, as a file's line, whose signatures kHoldsSignature holds back.
  FakeAgent(Manner manner, std::string realAgent, std::string_view held = "");
  ~FakeAgent();
  FakeAgent(const FakeAgent&) = delete;
  FakeAgent& operator=(const FakeAgent&) = delete;

  const std::string& path() const { return path_; }
  // Waits until somebody waits for the held signature; throws when nobody does in time.
  void awaitHeldRequest();
  // Lets the held signatures go.
  void release();

 private:
  void listen();
  void serve(UniqueFd connection);
  bool answer(const UniqueFd& connection, const std::string& request);
  bool wantsHeldSignature(const std::string& request) const;
  void waitForRelease();

  TempFolder folder_;
  std::string path_;
  Manner manner_;
  std::string realAgent_;
  std::string held_;  // its blob
  UniqueFd listener_;
  UniqueFd endRead_;  // readable once the object goes
  UniqueFd endWrite_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool heldRequested_ = false;
  bool released_ = false;

  std::vector<std::thread> serving_;  // the listening thread's own
  std::thread listening_;
};

}  // namespace cbs::test
