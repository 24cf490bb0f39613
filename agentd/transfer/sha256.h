// SHA-256 of bytes that come piece by piece.
#pragma once

#include <kj/array.h>

#include <memory>
#include <string>

namespace cbs::transfer {

class Sha256 {
 public:
  static constexpr size_t kBytes = 32;

  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;

  void add(kj::ArrayPtr<const kj::byte> bytes);
  // The 32 bytes. To be called once.
  std::string digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// As sha256sum(1) prints it, and back: "" if `hex` is not 64 such digits.
std::string hexOf(const std::string& digest);
std::string digestOfHex(std::string_view hex);

}  // namespace cbs::transfer
