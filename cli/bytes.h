// Bytes on the wire, as strings and back.
#pragma once

#include <capnp/blob.h>

#include <string>
#include <string_view>

namespace cbs::cli {

// Good for as long as what they are taken from.
inline std::string_view viewOf(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}
inline capnp::Data::Reader bytesOf(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

inline std::string textOf(capnp::Data::Reader data) { return std::string(viewOf(data)); }

}  // namespace cbs::cli
