#include "cli/fanout/unified_diff.h"

#include "cli/output/printable.h"
#include "common/child_process.h"
#include "common/deadline.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace cbs::cli {
namespace {

constexpr size_t kDiffChunk = 64 << 10;
constexpr auto kLongestDiff = 60 * kj::SECONDS;
constexpr int kDiffTrouble = 2;  // diff(1)

Error sideFailure(int error) { return unnamedFileError("a file for diff", temporaryFolder(), error); }

bool writeWhole(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t length = write(file, bytes.data(), bytes.size());
    if (length < 0 && errno != EINTR) return false;
    bytes.remove_prefix(static_cast<size_t>(std::max<ssize_t>(length, 0)));
  }
  return true;
}

Task<Expected<void>> passOn(kj::Own<kj::AsyncInputStream> from, Console& console, schema::OutputStream stream) {
  for (;;) {
    std::string piece(kDiffChunk, '\0');
    piece.resize(co_await from->tryRead(piece.data(), 1, piece.size()));
    if (piece.empty()) co_return Expected<void>();
    if (auto written = co_await console.write(stream, std::move(piece)); !written) co_return written;
  }
}

Task<Expected<void>> runDiff(Loop loop, Console& console, schema::OutputStream stream, const DiffSide& from,
                             const DiffSide& to) {
  auto pipe = openPipe();
  if (!pipe) co_return fail(pipe.error());
  auto child = ChildProcess::start(
      loop, {.argv = {"diff", "-u", "--label", from.label, "--label", to.label, "--", "/dev/fd/3", "/dev/fd/4"},
             .environment = {{"LC_ALL", "C"}},
             .stdoutFd = pipe->write,
             .stderrFd = STDERR_FILENO,
             .further = {from.file, to.file}});
  pipe->write = nullptr;
  if (!child) co_return fail(child.error());
  constexpr auto kCloexec = kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC;
  auto shown = co_await passOn(loop.io.wrapInputFd(kj::mv(pipe->read), kCloexec), console, stream);
  if (!shown) co_return shown;
  int status = co_await (*child)->exited();
  bool trouble = !WIFEXITED(status) || WEXITSTATUS(status) >= kDiffTrouble;
  if (trouble) co_return fail(ErrorKind::INTERNAL, Reason::UNSPECIFIED, "diff " + describeWaitStatus(status));
  co_return Expected<void>();
}

bool isProgram(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

bool diffIsInstalled() {
  const char* variable = getenv("PATH");
  std::string_view path = variable == nullptr ? "/usr/bin:/bin" : variable;
  for (;;) {
    size_t colon = path.find(':');
    if (isProgram(std::string(path.substr(0, colon)) + "/diff")) return true;
    if (colon == path.npos) return false;
    path.remove_prefix(colon + 1);
  }
}

Expected<DiffSide> makeDiffSide(std::string label, const Spool& spool, const Spool::Text& text) {
  DiffSide side{std::move(label), openUnnamedFile(temporaryFolder())};
  if (side.file == nullptr) return fail(sideFailure(errno));
  for (uint64_t offset = 0; offset < text.size();) {
    auto piece = spool.read(text, offset, kDiffChunk);
    if (!piece) return fail(piece.error());
    if (!writeWhole(side.file, *piece)) return fail(sideFailure(errno));
    offset += piece->size();
  }
  return side;
}

Task<Expected<void>> showDiff(Loop loop, Console& console, schema::OutputStream stream, const DiffSide& from,
                              const DiffSide& to) {
  Error late{ErrorKind::TIMED_OUT, Reason::COMMAND_TIMED_OUT, ""};
  auto shown = co_await within(loop.timer, kLongestDiff, late, runDiff(loop, console, stream, from, to));
  if (shown || !(shown.error() == late)) co_return shown;
  std::string line = "cbsession: " + printable(to.label) + ": diff did not end within a minute\n";
  co_return co_await console.write(schema::OutputStream::STDERR, std::move(line));
}

}  // namespace cbs::cli
