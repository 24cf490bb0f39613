#include "agentd/transfer/digest_script.h"

#include "agentd/core/remote_command.h"
#include "agentd/transfer/sha256.h"

#include <algorithm>

namespace cbs::transfer {
namespace {

constexpr uint64_t kBlock = uint64_t{64} * 1024;

// Stands before the first digest, as a login may print something.
constexpr std::string_view kBegin = "cbsession-sha256";

// More than that is no digest, and no login says as much.
constexpr size_t kLongestLine = 1024;
constexpr size_t kMostIgnored = size_t{64} * 1024;

// A redirection that fails ends a shell if it is one of a function's, so the program is a variable.
constexpr std::string_view kFindProgram =
    "exec 2>/dev/null\n"
    "if command -v sha256sum >/dev/null; then h=sha256sum\n"
    "elif command -v shasum >/dev/null; then h='shasum -a 256'\n"
    "elif command -v openssl >/dev/null; then h='openssl dgst -sha256'\n"
    "else exit 1; fi\n";

std::string beginning() { return "printf '\\n%s\\n' " + std::string(kBegin) + "\n"; }

// As its input, so that the program does not print the name, and takes none for an option. A pipe is not opened.
std::string wholeFile(const std::string& path) {
  std::string word = core::shellQuoted(path);
  return "[ -f " + word + " ] && $h <" + word + " || echo -\n";
}

std::string dd(uint64_t blockSize, uint64_t skip, uint64_t count) {
  return "dd bs=" + std::to_string(blockSize) + (skip > 0 ? " skip=" + std::to_string(skip) : "") +
         " count=" + std::to_string(count);
}

// Copies the range from its input, of which one `dd` goes on where the one before has stopped.
std::string copyRange(Range range) {
  const uint64_t skip = range.offset / kBlock;
  const uint64_t blocks = range.length / kBlock;
  const uint64_t rest = range.length % kBlock;
  if (range.length == 0) return ":";
  if (rest == 0) return dd(kBlock, skip, blocks);
  std::string last = dd(rest, 0, 1);
  if (blocks > 0) return dd(kBlock, skip, blocks) + "; " + last;
  return skip > 0 ? dd(kBlock, skip - 1, 1) + " of=/dev/null; " + last : last;
}

std::string lineOf(Range range) { return "{ " + copyRange(range) + "; } <\"$f\" | $h || echo -\n"; }

// The digest in a line of any of the programs: `hex  -`, `(stdin)= hex`, `SHA2-256(stdin)= hex`.
std::string digestIn(std::string_view line) {
  if (std::string first = digestOfHex(line.substr(0, line.find(' '))); !first.empty()) return first;
  return digestOfHex(line.substr(line.rfind(' ') + 1));
}

}  // namespace

DigestScript digestScript(const std::vector<std::string>& paths, size_t from) {
  DigestScript script{std::string(kFindProgram) + beginning()};
  for (size_t i = from; i < paths.size(); ++i) {
    std::string line = wholeFile(paths[i]);
    if (script.count > 0 && script.text.size() + line.size() > kLongestScript) break;
    script.text += line;
    ++script.count;
  }
  return script;
}

std::optional<DigestScript> digestScript(const std::string& path, const std::vector<Range>& ranges, size_t from) {
  DigestScript script{std::string(kFindProgram) + "command -v dd >/dev/null || exit 1\n" + beginning()};
  script.text += "f=" + core::shellQuoted(path) + "\n";
  script.text += "[ -f \"$f\" ] && [ -r \"$f\" ] || exit 1\n";
  const size_t most = script.text.size() + kLongestScript;
  for (size_t i = from; i < ranges.size() && ranges[i].offset % kBlock == 0; ++i) {
    std::string line = lineOf(ranges[i]);
    if (script.count > 0 && script.text.size() + line.size() > most) break;
    script.text += line;
    script.longest = std::max(script.longest, ranges[i].length);
    ++script.count;
  }
  if (script.count == 0) return std::nullopt;
  return script;
}

bool DigestOutput::take(std::string_view text) {
  for (char c : text) {
    if (digests_.size() == count_) return false;
    if (!begun_ && ++ignored_ > kMostIgnored) return false;
    if (c == '\n') {
      takeLine();
    } else if (line_.size() <= kLongestLine) {
      line_ += c;
    }
  }
  return digests_.size() < count_;
}

void DigestOutput::takeLine() {
  if (begun_) {
    digests_.push_back(digestIn(line_));
  } else {
    begun_ = line_ == kBegin;
  }
  line_.clear();
}

std::optional<std::vector<std::string>> DigestOutput::digests() const {
  if (digests_.empty()) return std::nullopt;
  auto digests = digests_;
  digests.resize(count_);
  return digests;
}

}  // namespace cbs::transfer
