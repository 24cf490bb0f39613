#include "agentd/transfer/folder_reader.h"

#include <algorithm>

namespace cbs::transfer {

FolderReader::~FolderReader() noexcept(false) {
  requests_.clear();
  if (handle_) closing_.close(sftp_, kj::mv(*handle_));
}

Task<Expected<FolderReader::Names>> FolderReader::next(unsigned atOnce) {
  if (!handle_) {
    auto opened = co_await sftp_.openDirectory(path_);
    if (!opened) co_return fail(kj::mv(opened.error()));
    handle_ = kj::mv(*opened);
  }
  for (;;) {
    while (!ended_ && requests_.size() < std::min(wanted_, std::max(atOnce, 1u)))
      requests_.push_back(sftp_.readDirectory(*handle_));
    if (requests_.empty()) co_return Names();
    auto names = co_await requests_.front();
    requests_.pop_front();
    // Answers may overtake each other on the server: those after the end can still bring names.
    if (!names && !ended_) co_return fail(kj::mv(names.error()));
    if (!names || !*names) {
      ended_ = true;
      continue;
    }
    wanted_ = std::min(2 * wanted_, 1024u);
    co_return kj::mv(*names);
  }
}

}  // namespace cbs::transfer
