// The terminal, taken over as a whole.
#pragma once

#include "cli/exec/standard_stream.h"

#include <termios.h>

#include <string>

namespace cbs::cli {

// On the alternate screen of standard output, with standard input giving each key as it is typed, until the object
// goes: then all is as it was. The keys that send signals do so.
class Screen {
 public:
  explicit Screen(kj::UnixEventPort& port);
  Screen(Screen&&) = delete;
  ~Screen();

  // Takes it over, also again after somebody else has had it.
  void enter();
  // Gives it back. What of show() is not written yet never will be. Waits for a terminal that is stuck half a second.
  void leave();

  // Shows a picture, when the terminal has taken the one before; until then only the newest waits. Nothing while
  // somebody else has the terminal.
  void show(std::string picture);
  // Resolves when the terminal can no more be written to.
  kj::Promise<void> onGone() { return gone_.addBranch(); }

 private:
  Task<void> write();

  StandardStream out_;
  termios before_{};
  bool entered_ = false;
  bool changed_ = false;  // the modes are
  std::string waiting_;   // the picture that is to be shown next; "" for none
  std::string shown_;     // the one that is there, or on its way
  bool writing_ = false;
  kj::Promise<void> writer_ = nullptr;
  kj::Own<kj::PromiseFulfiller<void>> tellGone_;
  kj::ForkedPromise<void> gone_ = nullptr;
};

}  // namespace cbs::cli
