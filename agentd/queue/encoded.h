// Cap'n Proto messages as the journal keeps them: the bytes of a flat array.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace cbs::queue {

template <typename Reader>
std::string encoded(Reader value) {
  capnp::MallocMessageBuilder message;
  message.setRoot(value);
  auto words = capnp::messageToFlatArray(message);
  auto bytes = words.asChars();
  return {bytes.begin(), bytes.size()};
}

// Holds what get() refers to.
template <typename Struct>
class Decoded {
 public:
  explicit Decoded(std::string_view bytes) : words_(kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word))) {
    memcpy(words_.begin(), bytes.data(), words_.size() * sizeof(capnp::word));
    message_.emplace(words_, limits());
  }

  typename Struct::Reader get() { return message_->getRoot<Struct>(); }

 private:
  // They are our own, and can be as large as what a caller may send.
  static capnp::ReaderOptions limits() {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 64 * 1024 * 1024;
    return options;
  }

  kj::Array<capnp::word> words_;
  std::optional<capnp::FlatArrayMessageReader> message_;
};

}  // namespace cbs::queue
