#include "agentd/ssh/sftp.h"

#include <algorithm>

namespace cbs::ssh {
namespace {

constexpr uint32_t kVersion = 3;

constexpr const char* kPosixRename = "posix-rename@openssh.com";
constexpr const char* kStatvfs = "statvfs@openssh.com";
constexpr const char* kLimits = "limits@openssh.com";

// What OpenSSH allows (a message of 256 KiB, less 1 KiB for what is around the data); larger blocks mean fewer system
// calls on both sides.
constexpr uint64_t kLargestBlock = 255 * 1024;

std::string pathBody(const std::string& path) { return core::WireWriter().string(path).bytes(); }

Error unavailable(std::string detail) {
  return {ErrorKind::TRANSFER_FAILED, Reason::SFTP_UNAVAILABLE, std::move(detail)};
}

Error withPath(Error error, const std::string& path) {
  error.facts.push_back({"remotePath", path});
  return error;
}

// The error of an answer that is a status other than OK, or that makes no sense.
Error refusal(const SftpMessage& answer, const std::string& path) {
  auto reader = answer.reader();
  uint32_t status = reader.uint32();
  if (answer.type == SftpType::STATUS) return sftpError(status, reader.string(), path);
  return sftpError(static_cast<uint32_t>(SftpStatus::FAILURE), "the server's answer makes no sense", path);
}

bool isStatus(const SftpMessage& answer, SftpStatus status) {
  auto reader = answer.reader();
  return answer.type == SftpType::STATUS && reader.uint32() == static_cast<uint32_t>(status) && reader.ok();
}

// A limit of 0 means that the server has none.
size_t blockWithin(uint64_t limit) {
  return static_cast<size_t>(limit == 0 ? kLargestBlock : std::min(limit, kLargestBlock));
}

}  // namespace

Task<Expected<kj::Own<Sftp>>> Sftp::start(Loop loop, Channel& channel, kj::Duration silence) {
  auto started = co_await channel.subsystem("sftp");
  if (!started) {
    if (started.error().kind == ErrorKind::LOST) co_return fail(started.error());
    co_return fail(unavailable(kj::mv(started.error().detail)));
  }
  auto sftp = kj::heap<Sftp>(loop, channel, silence);
  auto greeted = co_await sftp->greet();
  if (!greeted) {
    if (channel.session().dead())
      co_return fail(ErrorKind::LOST, Reason::CONNECTION_LOST, channel.session().deathReason());
    co_return fail(greeted.error());
  }
  if (sftp->knows(kLimits)) sftp->limits_.emplace(sftp->learnLimits());
  co_return kj::mv(sftp);
}

Task<Expected<void>> Sftp::greet() {
  auto answer = co_await link_.ask(SftpType::INIT, "");
  if (!answer) {
    // A subsystem that cannot be started, or that prints something else, shows only now.
    bool lost = answer.error().reason == Reason::CONNECTION_LOST;
    co_return fail(lost ? unavailable(answer.error().detail) : answer.error());
  }
  if (answer->type != SftpType::VERSION || answer->id != kVersion)
    co_return fail(unavailable("it does not speak version 3"));
  auto reader = answer->reader();
  while (!reader.atEnd()) {
    extensions_.emplace(reader.string());
    reader.string();  // its version: each has had one only
  }
  co_return {};
}

Task<void> Sftp::learnLimits() {
  auto answer = co_await link_.ask(SftpType::EXTENDED, core::WireWriter().string(kLimits).bytes());
  if (!answer || answer->type != SftpType::EXTENDED_REPLY) co_return;
  auto reader = answer->reader();
  reader.uint64();  // of a message
  uint64_t read = reader.uint64();
  uint64_t write = reader.uint64();
  if (!reader.ok()) co_return;
  maxRead_ = blockWithin(read);
  maxWrite_ = blockWithin(write);
}

// A request that is answered by a status.
Task<Expected<void>> Sftp::order(SftpType type, std::string body, std::string path, kj::Array<kj::byte> payload) {
  auto answer = co_await link_.ask(type, kj::mv(body), kj::mv(payload));
  if (!answer) co_return fail(withPath(kj::mv(answer.error()), path));
  if (!isStatus(*answer, SftpStatus::OK)) co_return fail(refusal(*answer, path));
  co_return {};
}

// A request that is answered by a message of the type `expected`, unless it fails.
Task<Expected<SftpMessage>> Sftp::query(SftpType type, std::string body, std::string path, SftpType expected) {
  auto answer = co_await link_.ask(type, kj::mv(body));
  if (!answer) co_return fail(withPath(kj::mv(answer.error()), path));
  if (answer->type != expected) co_return fail(refusal(*answer, path));
  co_return kj::mv(*answer);
}

Task<Expected<SftpAttributes>> Sftp::stat(std::string path) {
  auto answer = co_await query(SftpType::STAT, pathBody(path), path, SftpType::ATTRS);
  if (!answer) co_return fail(answer.error());
  auto reader = answer->reader();
  co_return readAttributes(reader);
}

Task<Expected<std::string>> Sftp::realPath(std::string path) {
  auto answer = co_await query(SftpType::REALPATH, pathBody(path), path, SftpType::NAME);
  if (!answer) co_return fail(answer.error());
  auto reader = answer->reader();
  reader.uint32();  // number of names, which is 1
  std::string real(reader.string());
  if (real.empty()) co_return fail(refusal(*answer, path));
  co_return real;
}

Task<Expected<Sftp::File>> Sftp::open(std::string path, uint32_t flags, uint32_t mode) {
  core::WireWriter body;
  body.string(path).uint32(flags);
  SftpAttributes attributes;
  if ((flags & SFTP_CREATE) != 0) attributes.mode = mode;
  writeAttributes(body, attributes);
  auto answer = co_await query(SftpType::OPEN, body.bytes(), path, SftpType::HANDLE);
  if (!answer) co_return fail(answer.error());
  co_return File{path, std::string(answer->reader().string())};
}

Task<Expected<void>> Sftp::close(File file) { return order(SftpType::CLOSE, pathBody(file.handle), file.path); }

Task<Expected<kj::Array<kj::byte>>> Sftp::read(File file, uint64_t offset, size_t length) {
  core::WireWriter body;
  body.string(file.handle).uint64(offset).uint32(static_cast<uint32_t>(length));
  auto answer = co_await link_.ask(SftpType::READ, body.bytes());
  if (!answer) co_return fail(withPath(kj::mv(answer.error()), file.path));
  if (isStatus(*answer, SftpStatus::END_OF_FILE)) co_return kj::Array<kj::byte>();
  if (answer->type != SftpType::DATA) co_return fail(refusal(*answer, file.path));
  size_t count = answer->reader().string().size();
  if (count == 0 || count > length) co_return fail(refusal(*answer, file.path));
  kj::ArrayPtr<kj::byte> bytes = answer->body.slice(4, 4 + count);
  co_return bytes.attach(kj::mv(answer->body));
}

Task<Expected<void>> Sftp::write(File file, uint64_t offset, kj::Array<kj::byte> bytes) {
  core::WireWriter body;
  body.string(file.handle).uint64(offset).uint32(static_cast<uint32_t>(bytes.size()));
  return order(SftpType::WRITE, body.bytes(), file.path, kj::mv(bytes));
}

Task<Expected<void>> Sftp::setAttributes(File file, SftpAttributes attributes) {
  core::WireWriter body;
  body.string(file.handle);
  writeAttributes(body, attributes);
  return order(SftpType::FSETSTAT, body.bytes(), file.path);
}

Task<Expected<void>> Sftp::remove(std::string path) { return order(SftpType::REMOVE, pathBody(path), path); }

Task<Expected<void>> Sftp::rename(std::string from, std::string to) {
  if (knows(kPosixRename)) {
    co_return co_await order(SftpType::EXTENDED,
                             core::WireWriter().string(kPosixRename).string(from).string(to).bytes(), to);
  }
  const std::string body = core::WireWriter().string(from).string(to).bytes();
  auto renamed = co_await order(SftpType::RENAME, body, to);
  if (renamed || broken()) co_return renamed;
  auto removed = co_await remove(to);  // which version 3 does not replace
  if (!removed) co_return renamed;
  co_return co_await order(SftpType::RENAME, body, to);
}

Task<Expected<uint64_t>> Sftp::freeSpace(std::string path) {
  if (!knows(kStatvfs))
    co_return fail(sftpError(static_cast<uint32_t>(SftpStatus::FAILURE), "statvfs is not supported", path));
  auto body = core::WireWriter().string(kStatvfs).string(path).bytes();
  auto answer = co_await query(SftpType::EXTENDED, kj::mv(body), path, SftpType::EXTENDED_REPLY);
  if (!answer) co_return fail(answer.error());
  auto reader = answer->reader();
  reader.uint64();  // preferred size of a block
  uint64_t fragment = reader.uint64();
  reader.skip(2 * sizeof(uint64_t));  // blocks in all, and free for root
  co_return fragment* reader.uint64();
}

}  // namespace cbs::ssh
