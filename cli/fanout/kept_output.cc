#include "cli/fanout/kept_output.h"

#include <algorithm>

namespace cbs::cli {

Expected<void> KeptOutput::append(uint32_t host, schema::OutputStream stream, kj::ArrayPtr<const kj::byte> bytes) {
  Spool::Text& text = hosts_[host].texts[static_cast<size_t>(stream)];
  auto room = most_ + 1 - text.size();
  return spool_.append(text, bytes.slice(0, std::min<uint64_t>(bytes.size(), room)));
}

const Spool::Text& KeptOutput::text(uint32_t host, schema::OutputStream stream) const {
  static const Spool::Text kNothing;
  auto found = hosts_.find(host);
  return found == hosts_.end() ? kNothing : found->second.texts[static_cast<size_t>(stream)];
}

void KeptOutput::drop(uint32_t host) {
  auto found = hosts_.find(host);
  if (found == hosts_.end()) return;
  for (Spool::Text& text : found->second.texts) spool_.drop(text);
  hosts_.erase(found);
}

}  // namespace cbs::cli
