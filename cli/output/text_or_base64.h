// Bytes in JSON, which has only text.
#pragma once

#include <string>
#include <string_view>

namespace cbs::cli {

// True for well-formed UTF-8 (RFC 3629).
bool isUtf8(std::string_view bytes);

struct JsonBytes {
  std::string text;
  bool base64;
};

// The bytes themselves if they are UTF-8, else their base64.
JsonBytes jsonBytes(std::string_view bytes);

}  // namespace cbs::cli
