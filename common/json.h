// Prints Cap'n Proto structs as JSON that programs like: 64-bit integers as numbers, facts and labels as an object,
// and text always as UTF-8: U+FFFD stands for bytes that are none.
#pragma once

#include "schema/agent.capnp.h"

#include <capnp/compat/json.h>

#include <string>

namespace cbs {

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
  struct TextHandler;
  template <typename Pair>
  struct ObjectHandler;
  capnp::JsonCodec codec_;
};

template <typename Struct>
std::string toJson(typename Struct::Reader value) {
  return JsonWriter(capnp::Schema::from<Struct>()).write(value);
}

}  // namespace cbs
