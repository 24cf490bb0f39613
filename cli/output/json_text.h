// Bytes in the fields of a report.
#pragma once

#include "cli/output/text_or_base64.h"

#include <kj/string.h>

#include <string_view>

namespace cbs::cli {

// Gives `set` the text for a field, which may have zero bytes in it, and whether it is base64.
template <typename Set>
void setBytes(std::string_view bytes, Set set) {
  auto inJson = jsonBytes(bytes);
  set(kj::StringPtr(inJson.text.c_str(), inJson.text.size()), inJson.base64);
}

// Sets `path` and `pathBase64`.
template <typename Builder>
void setPath(std::string_view path, Builder to) {
  setBytes(path, [&](kj::StringPtr text, bool base64) {
    to.setPath(text);
    to.setPathBase64(base64);
  });
}

}  // namespace cbs::cli
