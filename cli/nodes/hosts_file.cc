#include "cli/nodes/hosts_file.h"

#include "cli/output/printable.h"
#include "common/descriptors.h"

#include <kj/io.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cbs::cli {
namespace {

constexpr size_t kMostHostBytes = size_t{64} << 20;  // of 250,000 hosts 268 each
constexpr size_t kReadAtOnce = size_t{64} * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

tl::unexpected<std::string> unreadableHosts(const std::string& path, const std::string& why) {
  return tl::unexpected("cannot read " + nameOfHostsFile(path) + ": " + why);
}

// Its descriptor; standard input's own is not closed.
tl::expected<kj::AutoCloseFd, std::string> openHosts(const std::string& path) {
  int fd = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unreadableHosts(path, systemMessage(errno));
  return kj::AutoCloseFd(fd);
}

std::string_view withoutComment(std::string_view line) {
  for (size_t at = 0; (at = line.find('#', at)) != line.npos; ++at) {
    if (at == 0 || kNodeBlanks.find(line[at - 1]) != kNodeBlanks.npos) return line.substr(0, at);
  }
  return line;
}

}  // namespace

std::string nameOfHostsFile(const std::string& path) { return path == "-" ? "standard input" : printable(path); }

tl::expected<std::string, std::string> readHostsText(const std::string& path) {
  auto file = openHosts(path);
  if (!file) return tl::unexpected(file.error());
  std::string text;
  for (;;) {
    size_t length = text.size();
    text.resize(length + kReadAtOnce);
    ssize_t n = read(file->get(), text.data() + length, kReadAtOnce);
    text.resize(length + static_cast<size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0) break;
    if (n < 0 && errno != EINTR) return unreadableHosts(path, systemMessage(errno));
    if (text.size() > kMostHostBytes) return unreadableHosts(path, "it has more than 64 MiB");
    if (text.find('\0', length) != text.npos) return unreadableHosts(path, "it is no text");
  }
  if (text.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) text.erase(0, kByteOrderMark.size());
  return text;
}

NodeReader::Hosts readHostLines(std::string_view text, const std::string& file, NodeReader& reader) {
  HostList hosts;
  size_t number = 1;
  for (size_t begin = 0; begin < text.size(); ++number) {
    size_t end = std::min(text.find('\n', begin), text.size());
    auto line = withoutComment(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.find_first_not_of(kNodeBlanks) == line.npos) continue;
    auto place = file + ":" + std::to_string(number) + ": ";
    auto more = reader.read(line);
    if (!more) return tl::unexpected(place + more.error());
    hosts.add(*more);
    if (hosts.size() > kMostTargets) return tl::unexpected(place + "more than 250,000 hosts up to here");
  }
  return hosts;
}

}  // namespace cbs::cli
