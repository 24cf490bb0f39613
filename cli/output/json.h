// Prints Cap'n Proto structs as JSON that programs like: 64-bit integers as numbers, facts and labels as an object.
#pragma once

#include "schema/cli.capnp.h"

#include <capnp/compat/json.h>

#include <string>

namespace cbs::cli {

// One line, ending in a newline.
template <typename Struct>
std::string toJson(typename Struct::Reader value);

// The codec behind toJson, for one type of struct.
class JsonWriter {
 public:
  explicit JsonWriter(capnp::StructSchema type);
  std::string write(capnp::DynamicStruct::Reader value) const;

 private:
  template <typename Integer>
  struct NumberHandler;
  template <typename Pair>
  struct ObjectHandler;
  capnp::JsonCodec codec_;
};

template <typename Struct>
std::string toJson(typename Struct::Reader value) {
  return JsonWriter(capnp::Schema::from<Struct>()).write(value);
}

}  // namespace cbs::cli
