// Bytes that cross the wire as Data: paths and commands need not be UTF-8.
#pragma once

#include <capnp/blob.h>

#include <string>

namespace cbs::engine {

inline std::string bytesOf(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

// Valid as long as `bytes`.
inline capnp::Data::Reader dataOf(const std::string& bytes) {
  return kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size());
}

}  // namespace cbs::engine
