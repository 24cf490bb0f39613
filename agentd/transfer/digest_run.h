// Runs a script that computes digests on its host.
#pragma once

#include "agentd/transfer/channels.h"
#include "agentd/transfer/digest_script.h"

#include <kj/timer.h>

#include <optional>
#include <string>
#include <vector>

namespace cbs::transfer {

// A host that says nothing for so long has failed; as much again as reading a long range may take is added.
constexpr kj::Duration kDigestSilence = 10 * kj::MINUTES;

// So long a channel is waited for: reading the files back would have begun in the meantime.
constexpr kj::Duration kDigestChannelWait = 10 * kj::SECONDS;

// A host that is asked until it turns out that it gives no digests, be it that it has no program or no channel for it.
class DigestHost {
 public:
  // What is referred to outlives it.
  DigestHost(kj::Timer& timer, Channels& channels, kj::Duration silence = kDigestSilence,
             kj::Duration channelWait = kDigestChannelWait)
      : timer_(timer), channels_(channels), silence_(silence), channelWait_(channelWait) {}
  KJ_DISALLOW_COPY(DigestHost);

  // Gives as many digests as the script asks for, "" for those that the host could not give; none: it can give none at
  // all. It outlives the task.
  Task<std::optional<std::vector<std::string>>> run(DigestScript script);

 private:
  Task<bool> ask(DigestScript script, DigestOutput& output);

  kj::Timer& timer_;
  Channels& channels_;
  const kj::Duration silence_;
  const kj::Duration channelWait_;
  bool givesNone_ = false;
};

}  // namespace cbs::transfer
