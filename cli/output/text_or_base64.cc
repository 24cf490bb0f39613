#include "cli/output/text_or_base64.h"

#include <kj/encoding.h>

namespace cbs::cli {

bool isUtf8(std::string_view bytes) {
  // KJ's decoder takes what is at least decodable; surrogates and overlong forms count as errors to it, too.
  return !kj::encodeUtf32(kj::arrayPtr(bytes.data(), bytes.size())).hadErrors;
}

JsonBytes jsonBytes(std::string_view bytes) {
  if (isUtf8(bytes)) return {std::string(bytes), false};
  auto encoded = kj::encodeBase64(kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
  return {std::string(encoded.begin(), encoded.size()), true};
}

}  // namespace cbs::cli
