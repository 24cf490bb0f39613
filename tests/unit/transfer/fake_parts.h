// What sources and sinks in memory have in common: they fail and wait as a test wants it.
#pragma once

#include "agentd/transfer/entry.h"
#include "agentd/transfer/sha256.h"
#include "common/task.h"

#include <kj/async.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbs::transfer {

inline Error fileError(Reason reason, std::string detail = "as the test wants it") {
  return {ErrorKind::TRANSFER_FAILED, reason, std::move(detail)};
}

inline Bytes bytesOf(const std::string& text) {
  return kj::heapArray<kj::byte>(reinterpret_cast<const kj::byte*>(text.data()), text.size());
}
inline std::string textOf(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()}; }

inline std::string sha256Of(const std::string& text) {
  Sha256 hash;
  hash.add(bytesOf(text));
  return hash.digest();
}
inline std::vector<std::string> sha256Of(const std::string& text, const std::vector<Range>& ranges) {
  std::vector<std::string> digests;
  digests.reserve(ranges.size());
  for (const Range& range : ranges) {
    digests.push_back(sha256Of(text.substr(std::min<size_t>(range.offset, text.size()), range.length)));
  }
  return digests;
}

// Where calls wait while it is closed. Counts who is inside.
class Gate {
 public:
  void close() {
    auto pair = kj::newPromiseAndFulfiller<void>();
    opening_ = kj::mv(pair.fulfiller);
    opened_.emplace(pair.promise.fork());
  }
  void open() {
    if (opened_) opening_->fulfill();
    opened_.reset();
  }
  Task<void> pass() {
    Presence presence(*this);
    ++calls;
    most = std::max(most, inside);
    if (opened_) {
      co_await opened_->addBranch();
    } else {
      co_await kj::evalLater([]() {});
    }
  }

  unsigned inside = 0;
  unsigned most = 0;
  unsigned calls = 0;

 private:
  struct Presence {
    explicit Presence(Gate& gate) : gate(gate) { ++gate.inside; }
    ~Presence() { --gate.inside; }
    Gate& gate;
  };

  kj::Own<kj::PromiseFulfiller<void>> opening_;
  std::optional<kj::ForkedPromise<void>> opened_;
};

// What fails, by path.
using Failures = std::map<std::string, Error>;

inline Expected<void> failureOf(const Failures& failures, const std::string& path) {
  auto found = failures.find(path);
  if (found == failures.end()) return {};
  return fail(found->second);
}

}  // namespace cbs::transfer
