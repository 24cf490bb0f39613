// Uploads and downloads over SFTP to a real server, without pool and engine.
#pragma once

#include "agentd/transfer/download.h"
#include "agentd/transfer/upload.h"
#include "tests/support/account.h"
#include "tests/unit/ssh/ssh_world.h"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace cbs::transfer {

inline std::string randomBytes(size_t count) {
  std::mt19937_64 random(count);
  std::string bytes;
  bytes.reserve(count + sizeof(uint64_t));
  while (bytes.size() < count) {
    uint64_t next = random();
    bytes.append(reinterpret_cast<const char*>(&next), sizeof(next));
  }
  bytes.resize(count);
  return bytes;
}

struct TransferWorld : ssh::World {
  explicit TransferWorld(test::SshdOptions options = {}) : World(std::move(options)), connection(dial()) {
    channel = connection->openChannel().promise().wait(io.waitScope).value();
    sftp = ssh::Sftp::start(loop, *channel).promise().wait(io.waitScope).value();
  }

  std::string remote(const std::string& name = "") { return sshd.remoteFolder() + (name.empty() ? "" : "/" + name); }

  // A file of the server's user.
  void writeRemote(const std::string& name, const std::string& content) {
    std::ofstream(remote(name)) << content;
    if (geteuid() == 0) test::giveToTestAccount(remote(name));
  }
  std::vector<std::string> remoteNames() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(remote())) names.push_back(entry.path().filename());
    return names;
  }

  LocalFile open(const std::string& path, int flags, LocalFile::Use use) {
    test::UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    auto file = LocalFile::adopt(loop, fd.get(), use);
    if (!file) FAIL(file.error().detail);
    return kj::mv(*file);
  }
  LocalFile source(const std::string& content) {
    return open(local.write("source", content), O_RDONLY, LocalFile::Use::READ);
  }

  Expected<Moved> upload(const LocalFile& source, UploadPlan plan) {
    Progress progress{sum};
    Upload upload(*sftp, source, plan, progress);
    auto moved = upload.run().promise().wait(io.waitScope);
    destination = upload.destination();
    temporary = upload.temporary();
    return moved;
  }
  Expected<Moved> upload(const std::string& content, const std::string& path) {
    auto file = source(content);
    return upload(file, {path, "", content.size(), 0644, 0});
  }
  Expected<Moved> download(const std::string& path, const std::string& name = "destination") {
    auto file = open(local.path(name), O_RDWR | O_CREAT | O_TRUNC, LocalFile::Use::WRITE);
    Progress progress{sum};
    Download download(*sftp, path, file, progress);
    return download.run().promise().wait(io.waitScope);
  }
  std::string downloaded() { return test::readFile(local.path("destination")); }

  test::TempFolder local;
  uint64_t sum = 0;
  std::string destination;
  std::string temporary;
  kj::Own<ssh::Connection> connection;
  kj::Own<ssh::Channel> channel;
  kj::Own<ssh::Sftp> sftp;
};

}  // namespace cbs::transfer
