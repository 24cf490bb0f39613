// Decides how many streams a transfer uses: as many as make it faster.
//
// One stream moves at most a channel's window in each round trip. So there are at once as many as there may be where
// the way is long; where it is short, one more is tried after the other, as long as that makes it faster. Little that
// is to be moved is not worth a second one.
#pragma once

#include <kj/time.h>

#include <cstdint>
#include <optional>

namespace cbs::core {

class StreamGrowth {
 public:
  // So much that is asked for, in bytes, is worth more than one stream.
  static constexpr uint64_t kMuch = uint64_t{1} << 20;
  // A round trip of a long way.
  static constexpr kj::Duration kFar = 2 * kj::MILLISECONDS;
  // How fast it is shows after so many bytes, or so much time.
  static constexpr uint64_t kTrialBytes = uint64_t{64} << 20;
  static constexpr kj::Duration kTrialTime = 500 * kj::MILLISECONDS;
  static constexpr kj::Duration kTrialTooLong = 4 * kTrialTime;
  // One more that does not make it so much faster is not worth its cost.
  static constexpr double kWorthwhile = 1.1;

  // At most `most`. `fixed`: exactly so many instead, once much is asked for; 0: as many as help.
  explicit StreamGrowth(unsigned most, unsigned fixed = 0) : most_(most), fixed_(fixed) {}

  // How many there are to be: 1 at first. What is more than that is not to be used.
  unsigned wanted() const { return wanted_; }

  void roundTripIs(kj::Duration time);
  // So many more bytes are to be moved.
  void asked(uint64_t bytes);
  // So many streams work now.
  void working(unsigned streams) { working_ = streams; }
  // So many more bytes have been moved.
  void moved(uint64_t bytes, kj::TimePoint now);
  // One that was wanted cannot be had. No other is tried after that.
  void refused();

 private:
  void begin();
  void judge(double rate);

  unsigned most_;
  unsigned fixed_;
  unsigned wanted_ = 1;
  unsigned working_ = 1;
  uint64_t asked_ = 0;
  std::optional<kj::Duration> roundTrip_;
  bool begun_ = false;
  bool settled_ = false;
  // The trial of the present number.
  std::optional<kj::TimePoint> triedSince_;
  uint64_t triedBytes_ = 0;
  double rate_ = 0;  // bytes a second with one stream less
};

}  // namespace cbs::core
