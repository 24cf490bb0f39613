#include "agentd/ssh/sftp.h"

#include <algorithm>

namespace cbs::ssh {
namespace {

constexpr uint32_t kVersion = 3;

constexpr const char* kPosixRename = "posix-rename@openssh.com";
constexpr const char* kStatvfs = "statvfs@openssh.com";
constexpr const char* kFsync = "fsync@openssh.com";
constexpr const char* kHardLink = "hardlink@openssh.com";
constexpr const char* kLimits = "limits@openssh.com";

// Every server takes so much in a read and in a write (draft-ietf-secsh-filexfer-02 §3).
constexpr uint64_t kSmallestBlock = 32 * 1024;
// What OpenSSH allows (a message of 256 KiB, less 1 KiB for what is around the data); larger blocks mean fewer system
// calls on both sides.
constexpr uint64_t kLargestBlock = 255 * 1024;

// draft-ietf-secsh-filexfer-02 §6.3
constexpr size_t kLongestHandle = 256;

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
  return static_cast<size_t>(limit == 0 ? kLargestBlock : std::clamp(limit, kSmallestBlock, kLargestBlock));
}

}  // namespace

Task<Expected<kj::Own<Sftp>>> Sftp::start(Loop loop, Channel& channel, kj::Duration silence) {
  auto started = co_await channel.start(Channel::Program::SUBSYSTEM, "sftp", nullptr);
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

Task<Expected<SftpAttributes>> Sftp::attributesBy(SftpType type, std::string body, std::string path) {
  auto answer = co_await query(type, kj::mv(body), path, SftpType::ATTRS);
  if (!answer) co_return fail(answer.error());
  auto reader = answer->reader();
  SftpAttributes attributes = readAttributes(reader);
  if (!reader.ok()) co_return fail(refusal(*answer, path));
  co_return attributes;
}

Task<Expected<Sftp::File>> Sftp::openBy(SftpType type, std::string body, std::string path) {
  auto answer = co_await query(type, kj::mv(body), path, SftpType::HANDLE);
  if (!answer) co_return fail(answer.error());
  auto reader = answer->reader();
  std::string handle(reader.string());
  if (!reader.ok() || handle.size() > kLongestHandle) co_return fail(refusal(*answer, path));
  co_return File{path, kj::mv(handle)};
}

Task<Expected<SftpAttributes>> Sftp::stat(std::string path) {
  return attributesBy(SftpType::STAT, pathBody(path), path);
}

Task<Expected<SftpAttributes>> Sftp::linkStat(std::string path) {
  return attributesBy(SftpType::LSTAT, pathBody(path), path);
}

Task<Expected<SftpAttributes>> Sftp::stat(File file) {
  return attributesBy(SftpType::FSTAT, pathBody(file.handle), file.path);
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
  return openBy(SftpType::OPEN, body.bytes(), path);
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

Task<Expected<void>> Sftp::setAttributes(std::string path, SftpAttributes attributes) {
  core::WireWriter body;
  body.string(path);
  writeAttributes(body, attributes);
  return order(SftpType::SETSTAT, body.bytes(), path);
}

Task<Expected<void>> Sftp::sync(File file) {
  if (!knows(kFsync)) co_return {};
  co_return co_await order(SftpType::EXTENDED, core::WireWriter().string(kFsync).string(file.handle).bytes(),
                           file.path);
}

Task<Expected<void>> Sftp::makeDirectory(std::string path, uint32_t mode) {
  core::WireWriter body;
  body.string(path);
  SftpAttributes attributes;
  attributes.mode = mode;
  writeAttributes(body, attributes);
  return order(SftpType::MKDIR, body.bytes(), path);
}

Task<Expected<void>> Sftp::removeDirectory(std::string path) { return order(SftpType::RMDIR, pathBody(path), path); }

Task<Expected<Sftp::File>> Sftp::openDirectory(std::string path) {
  return openBy(SftpType::OPENDIR, pathBody(path), path);
}

Task<Expected<std::optional<std::vector<SftpName>>>> Sftp::readDirectory(File directory) {
  auto answer = co_await link_.ask(SftpType::READDIR, pathBody(directory.handle));
  if (!answer) co_return fail(withPath(kj::mv(answer.error()), directory.path));
  if (isStatus(*answer, SftpStatus::END_OF_FILE)) co_return std::optional<std::vector<SftpName>>();
  if (answer->type != SftpType::NAME) co_return fail(refusal(*answer, directory.path));
  auto reader = answer->reader();
  std::vector<SftpName> names;
  uint32_t count = reader.uint32();
  if (count == 0 && reader.ok()) co_return std::optional<std::vector<SftpName>>();  // some servers end so
  for (; count > 0 && reader.ok(); --count) {
    SftpName name;
    name.name = reader.string();
    name.longName = reader.string();
    name.attributes = readAttributes(reader);
    if (reader.ok() && name.name != "." && name.name != "..") names.push_back(kj::mv(name));
  }
  if (!reader.ok()) co_return fail(refusal(*answer, directory.path));
  co_return std::optional(kj::mv(names));
}

Task<Expected<std::string>> Sftp::readLink(std::string path) {
  auto answer = co_await query(SftpType::READLINK, pathBody(path), path, SftpType::NAME);
  if (!answer) co_return fail(answer.error());
  auto reader = answer->reader();
  reader.uint32();  // number of names, which is 1
  std::string target(reader.string());
  bool possible = !target.empty() && target.find('\0') == std::string::npos;
  if (!reader.ok() || !possible) co_return fail(refusal(*answer, path));
  co_return target;
}

// OpenSSH has the two the other way round than the draft, and all others follow it.
Task<Expected<void>> Sftp::makeLink(std::string path, std::string target) {
  return order(SftpType::SYMLINK, core::WireWriter().string(target).string(path).bytes(), path);
}

Task<Expected<void>> Sftp::makeHardLink(std::string existing, std::string path) {
  if (!knows(kHardLink))
    co_return fail(sftpError(static_cast<uint32_t>(SftpStatus::FAILURE), "the server cannot make hard links", path));
  co_return co_await order(SftpType::EXTENDED,
                           core::WireWriter().string(kHardLink).string(existing).string(path).bytes(), path);
}

Task<Expected<void>> Sftp::remove(std::string path) { return order(SftpType::REMOVE, pathBody(path), path); }

Task<Expected<void>> Sftp::rename(std::string from, std::string to) {
  if (knows(kPosixRename)) {
    co_return co_await order(SftpType::EXTENDED,
                             core::WireWriter().string(kPosixRename).string(from).string(to).bytes(), to);
  }
  auto renamed = co_await plainRename(from, to);
  // Version 3 does not replace. But the failure may have another cause, and then what is there must stay.
  if (renamed || renamed.error().reason != Reason::REMOTE_IO || broken()) co_return renamed;
  auto end = kj::newPromiseAndFulfiller<Expected<void>>();
  replacing_.add(replace(kj::mv(from), kj::mv(to), kj::mv(renamed.error()), kj::mv(end.fulfiller)));
  co_return co_await end.promise;
}

Task<Expected<void>> Sftp::plainRename(std::string from, std::string to) {
  return order(SftpType::RENAME, core::WireWriter().string(from).string(to).bytes(), to);
}

// It must not end between two requests, as the file would have no name then that anybody looks for.
Task<void> Sftp::replace(std::string from, std::string to, Error failure,
                         kj::Own<kj::PromiseFulfiller<Expected<void>>> end) {
  auto source = co_await linkStat(from);
  auto standing = co_await linkStat(to);
  if (!source || !standing || standing->isDirectory()) {
    end->fulfill(fail(kj::mv(failure)));
    co_return;
  }
  const std::string aside = from + "-old";
  auto moved = co_await plainRename(to, aside);
  if (!moved) {
    end->fulfill(fail(kj::mv(failure)));
    co_return;
  }
  auto renamed = co_await plainRename(from, to);
  if (renamed) {
    co_await remove(aside);
  } else {
    co_await plainRename(aside, to);
  }
  end->fulfill(kj::mv(renamed));
}

// Who waits for it learns of it.
void Sftp::taskFailed(kj::Exception&&) {}

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
  uint64_t fragments = reader.uint64();
  if (!reader.ok()) co_return fail(refusal(*answer, path));
  if (fragment != 0 && fragments > UINT64_MAX / fragment) co_return UINT64_MAX;
  co_return fragment* fragments;
}

}  // namespace cbs::ssh
