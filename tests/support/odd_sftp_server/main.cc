// OpenSSH's sftp-server behind a filter that makes it odd, for tests.
//
//   --no-extensions       it knows version 3 and nothing else
//   --packet-limit N      a message of more than N + 1,024 bytes ends it, as some servers do
//   --read-limit N        a READ gets at most N bytes
//   --shuffle             answers that are ready at the same time come in reverse order
//   --end-after N         it ends once N bytes were written or read
//   --fail-after N        every WRITE fails with FAILURE once N bytes were written
#include <arpa/inet.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

// draft-ietf-secsh-filexfer-02 §3
enum Type : uint8_t { kVersion = 2, kRead = 5, kWrite = 6, kStatus = 101, kData = 103 };
constexpr uint32_t kFailure = 4;

struct Options {
  bool noExtensions = false;
  bool shuffle = false;
  uint64_t packetLimit = UINT64_MAX - 1024;
  uint64_t readLimit = UINT64_MAX;
  uint64_t endAfter = UINT64_MAX;
  uint64_t failAfter = UINT64_MAX;
};

uint32_t numberAt(std::string_view bytes, size_t at) {
  uint32_t number = 0;
  if (at + sizeof(number) > bytes.size()) exit(1);
  memcpy(&number, bytes.data() + at, sizeof(number));
  return ntohl(number);
}

std::string encoded(uint32_t number) {
  number = htonl(number);
  return {reinterpret_cast<const char*>(&number), sizeof(number)};
}

void writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) exit(1);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

// A message without its length, of which `id` is the request's.
void send(int fd, const std::string& message) {
  writeAll(fd, encoded(static_cast<uint32_t>(message.size())) + message);
}

// The messages that come on a descriptor.
class Messages {
 public:
  explicit Messages(int fd) : fd_(fd) {}

  // Reads what there is, and gives the messages that are complete; ends the program at the end.
  std::vector<std::string> take(uint64_t longest) {
    char buffer[256 * 1024];
    ssize_t size = read(fd_, buffer, sizeof(buffer));
    if (size <= 0) exit(0);
    bytes_.append(buffer, static_cast<size_t>(size));
    std::vector<std::string> messages;
    size_t at = 0;
    while (at + 4 <= bytes_.size()) {
      size_t length = numberAt(bytes_, at);
      if (length > longest) exit(1);
      if (at + 4 + length > bytes_.size()) break;
      messages.push_back(bytes_.substr(at + 4, length));
      at += 4 + length;
    }
    bytes_.erase(0, at);
    return messages;
  }

 private:
  int fd_;
  std::string bytes_;
};

class Filter {
 public:
  Filter(const Options& options, int toServer) : options_(options), toServer_(toServer) {}

  void request(std::string message) {
    size_t afterHandle = 9 + (message.size() > 9 ? numberAt(message, 5) : 0);
    if (message[0] == kWrite) {
      moved_ += numberAt(message, afterHandle + 8);
      if (moved_ > options_.endAfter) exit(1);
      if (moved_ > options_.failAfter) return refuse(message);
    }
    if (message[0] == kRead) {
      uint64_t length = numberAt(message, afterHandle + 8);
      message.replace(afterHandle + 8, 4, encoded(static_cast<uint32_t>(std::min(length, options_.readLimit))));
    }
    send(toServer_, message);
  }

  void answers(std::vector<std::string> messages) {
    if (options_.shuffle) std::reverse(messages.begin(), messages.end());
    for (std::string& message : messages) {
      if (message[0] == kVersion && options_.noExtensions) message.resize(5);
      if (message[0] == kData) moved_ += numberAt(message, 5);
      if (moved_ > options_.endAfter) exit(1);
      send(STDOUT_FILENO, message);
    }
  }

 private:
  void refuse(const std::string& request) {
    send(STDOUT_FILENO, char(kStatus) + request.substr(1, 4) + encoded(kFailure) + encoded(7) + "Failure" + encoded(0));
  }

  const Options& options_;
  int toServer_;
  uint64_t moved_ = 0;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--no-extensions") options.noExtensions = true;
    if (name == "--shuffle") options.shuffle = true;
    if (i + 1 == argc) continue;
    if (name == "--packet-limit") options.packetLimit = strtoull(argv[i + 1], nullptr, 10);
    if (name == "--read-limit") options.readLimit = strtoull(argv[i + 1], nullptr, 10);
    if (name == "--end-after") options.endAfter = strtoull(argv[i + 1], nullptr, 10);
    if (name == "--fail-after") options.failAfter = strtoull(argv[i + 1], nullptr, 10);
  }
  return options;
}

// Starts sftp-server and gives the descriptors to it and from it.
void startServer(int& to, int& from) {
  int input[2];
  int output[2];
  if (pipe(input) != 0 || pipe(output) != 0) exit(1);
  if (fork() == 0) {
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    for (int fd : {input[0], input[1], output[0], output[1]}) close(fd);
    for (const char* program : {"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server",
                                "/usr/libexec/sftp-server", "/usr/lib/ssh/sftp-server"}) {
      execl(program, "sftp-server", nullptr);
    }
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  to = input[1];
  from = output[0];
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  int to = -1;
  int from = -1;
  startServer(to, from);
  Messages requests(STDIN_FILENO);
  Messages answers(from);
  Filter filter(options, to);
  // What the server answers is taken first, so that neither waits for the other.
  pollfd streams[] = {{from, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    if (poll(streams, 2, -1) < 0) return 1;
    if (streams[0].revents != 0) {
      filter.answers(answers.take(UINT32_MAX));
    } else if (streams[1].revents != 0) {
      for (std::string& message : requests.take(options.packetLimit + 1024)) filter.request(std::move(message));
    }
  }
}
