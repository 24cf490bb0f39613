#include "cli/jobs/log_writer.h"

#include "cli/bytes.h"

#include <cstdio>
#include <ctime>

namespace cbs::cli {
namespace {

// `inLine`: the text goes on in a line that has its time already; afterwards, whether what follows does.
std::string stamped(std::string_view text, uint64_t timeMs, bool& inLine) {
  std::string time = timeText(timeMs) + " ", result;
  while (!text.empty()) {
    if (!inLine) result += time;
    size_t end = text.find('\n');
    inLine = end == text.npos;
    auto line = text.substr(0, inLine ? end : end + 1);
    result += line;
    text.remove_prefix(line.size());
  }
  return result;
}

}  // namespace

Task<Expected<void>> LogWriter::write(schema::LogPart::Chunk::Reader chunk) {
  bool isError = chunk.getStream() == schema::OutputStream::STDERR;
  if (!(isError ? format_.standardError : format_.standardOutput)) co_return Expected<void>();
  if (!format_.timestamps) co_return co_await target_.write(chunk.getStream(), chunk.getBytes());
  bool& inLine = inLine_[isError ? 1 : 0];
  bool breaksIn = format_.together && lineOpen_ && !inLine && chunk.getBytes().size() > 0;
  auto text = (breaksIn ? "\n" : "") + stamped(viewOf(chunk.getBytes()), chunk.getTimeMs(), inLine);
  if (!text.empty()) lineOpen_ = text.back() != '\n';
  auto bytes = bytesOf(text);
  co_return co_await target_.write(chunk.getStream(), bytes);
}

std::string timeText(uint64_t ms) {
  auto seconds = static_cast<time_t>(ms / 1000);
  tm parts{};
  char date[32] = "", text[48];
  if (gmtime_r(&seconds, &parts) != nullptr) strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
  snprintf(text, sizeof(text), "%s.%03uZ", date, static_cast<unsigned>(ms % 1000));
  return text;
}

}  // namespace cbs::cli
