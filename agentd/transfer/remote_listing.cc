#include "agentd/transfer/remote_listing.h"

#include "agentd/transfer/folder_reader.h"
#include "agentd/transfer/remote_entry.h"
#include "common/temporary_name.h"

namespace cbs::transfer {
namespace {

constexpr unsigned kReadsAtOnce = 8;
constexpr size_t kListingsKept = 2;
constexpr size_t kMostNames = 250'000;  // about 40 MiB

void add(RemoteListings::Listing& to, ssh::SftpName name) {
  const bool certain = hasType(name.attributes) && !name.attributes.isDirectory();
  if (isTemporary(name.name)) to.temporaries.push_back(name.name);
  to.names.emplace(kj::mv(name.name), certain ? std::optional(remoteEntry("", name.attributes)) : std::nullopt);
}

}  // namespace

Task<std::shared_ptr<const RemoteListings::Listing>> RemoteListings::of(ssh::Sftp& sftp, std::string path) {
  auto pass = co_await reading_.enter();
  for (const auto& kept : kept_) {
    if (kept.path == path) co_return kept.listing;
  }
  auto listing = std::make_shared<Listing>();
  bool whole = false;
  FolderReader reader(sftp, closing_, path);
  while (listing->names.size() <= kMostNames) {
    auto names = co_await reader.next(kReadsAtOnce);
    whole = names && !*names;
    if (!names) whole = names.error().reason == Reason::NOT_FOUND;  // nothing is in what is not there
    if (!names || !*names) break;
    for (auto& name : **names) add(*listing, kj::mv(name));
  }
  kept_.push_back({path, whole ? kj::mv(listing) : nullptr});
  if (kept_.size() > kListingsKept) kept_.pop_front();
  co_return kept_.back().listing;
}

}  // namespace cbs::transfer
