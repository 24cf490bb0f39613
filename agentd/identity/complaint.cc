#include "agentd/identity/complaint.h"

#include "common/child_process.h"

namespace cbs::identity {

std::string complaintOf(const SubprocessResult& result, const std::string& program) {
  std::string words;
  for (char c : result.err) {
    if (words.size() >= 500) break;
    if (c == '\n') {
      if (!words.empty() && !words.ends_with("; ")) words += "; ";
    } else if (static_cast<unsigned char>(c) >= ' ') {
      words += c;
    }
  }
  if (words.ends_with("; ")) words.resize(words.size() - 2);
  if (words.empty()) return program + " " + describeWaitStatus(result.status);
  return words;
}

}  // namespace cbs::identity
