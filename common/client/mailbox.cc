#include "common/client/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::client {

Expected<Mailbox> Mailbox::open() {
  kj::AutoCloseFd bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (bell == nullptr) return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, "eventfd: " + systemMessage(errno));
  return Mailbox(kj::mv(bell));
}

Mailbox::Mailbox(kj::AutoCloseFd bell) : state_(std::make_unique<State>()) { state_->bell = kj::mv(bell); }

Mailbox::Mailbox(Mailbox&&) noexcept = default;

void Mailbox::post(Letter letter) {
  std::lock_guard lock(state_->mutex);
  if (state_->closed) return;
  state_->letters.push_back(kj::mv(letter));
  ring();
}

void Mailbox::close() {
  std::vector<Letter> unopened;
  std::lock_guard lock(state_->mutex);
  std::swap(unopened, state_->letters);
  state_->closed = true;
  ring();
}

// Fails only when it has been rung so often that it rings anyway.
void Mailbox::ring() {
  uint64_t once = 1;
  [[maybe_unused]] ssize_t written = write(state_->bell, &once, sizeof(once));
}

Task<void> Mailbox::deliver(Loop loop, Calls& calls) {
  kj::UnixEventPort::FdObserver rung(loop.port, state_->bell, kj::UnixEventPort::FdObserver::OBSERVE_READ);
  std::vector<Letter> letters;
  while (take(letters)) {
    for (Letter& letter : letters) letter(calls);
    letters.clear();
    co_await rung.whenBecomesReadable();
  }
}

// The bell is silenced before the letters are taken, so that it rings again for those that come later.
bool Mailbox::take(std::vector<Letter>& letters) {
  uint64_t times;
  [[maybe_unused]] ssize_t length = read(state_->bell, &times, sizeof(times));
  std::lock_guard lock(state_->mutex);
  std::swap(letters, state_->letters);
  return !state_->closed;
}

}  // namespace cbs::client
