#include "agentd/identity/known_hosts.h"

#include "common/offload.h"

namespace cbs::identity {
namespace {

constexpr uint64_t kSmallFileBytes = 64 * 1024;
constexpr size_t kFewHashedLines = 2000;
constexpr size_t kMaxFiles = 1000;

}  // namespace

Task<Expected<std::vector<NamedKnownHosts>>> KnownHosts::load(std::vector<std::string> paths) {
  std::vector<NamedKnownHosts> files;
  for (const auto& path : paths) {
    auto file = co_await loadOne(path);
    if (!file) co_return fail(std::move(file.error()));
    files.push_back({path, std::move(*file)});
  }
  co_return files;
}

std::shared_ptr<const KnownHostsFile> KnownHosts::kept(const std::string& path) const {
  auto known = loaded_.find(path);
  return known != loaded_.end() && known->second.stamp == stampOf(path) ? known->second.file : nullptr;
}

Task<Expected<std::shared_ptr<const KnownHostsFile>>> KnownHosts::loadOne(std::string path) {
  if (auto file = kept(path)) co_return file;
  auto pass = co_await threads_.enter();
  if (auto file = kept(path)) co_return file;  // another caller has read it meanwhile

  // The stamp is taken before the file is read: a change in between shows at the next look.
  auto stamp = stampOf(path);
  std::function<Expected<KnownHostsFile>()> read = [path]() { return KnownHostsFile::read(path); };
  auto content = stamp.size <= kSmallFileBytes ? read() : co_await offloadFor<Expected<KnownHostsFile>>(loop_, read);
  if (!content) co_return fail(std::move(content.error()));
  auto file = std::make_shared<const KnownHostsFile>(std::move(*content));
  if (loaded_.size() >= kMaxFiles) loaded_.clear();
  loaded_[path] = {stamp, file};
  co_return file;
}

Task<std::vector<KnownLine>> KnownHosts::find(std::vector<NamedKnownHosts> files, std::string name) {
  size_t toHash = 0;
  for (const auto& file : files) toHash += file.file->linesToHash(name);
  if (toHash <= kFewHashedLines) co_return linesOf(files, name);
  auto pass = co_await threads_.enter();
  co_return co_await offloadFor<std::vector<KnownLine>>(loop_, [=]() { return linesOf(files, name); });
}

Task<Expected<void>> KnownHosts::append(NewKnownHost host) {
  auto pass = co_await threads_.enter();
  co_return co_await offloadFor<Expected<void>>(loop_, [host = std::move(host)]() { return appendKnownHost(host); });
}

}  // namespace cbs::identity
