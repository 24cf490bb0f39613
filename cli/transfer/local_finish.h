// The end of a tree that was written, a part of it at a time.
#pragma once

#include "cli/transfer/local_extras.h"

#include <optional>

namespace cbs::cli {

class LocalFinish {
 public:
  struct Part : LocalExtras::Result {
    bool done = false;
  };

  // Deletes what is too much before folders get their modes and times. What is referred to outlives it.
  LocalFinish(LocalFolders& folders, std::optional<LocalExtras> extras)
      : folders_(folders), extras_(std::move(extras)) {}

  // Nothing more is deleted.
  void spareTheRest() { extras_.reset(); }
  // Without rules nothing is written.
  Part next(const LocalPlace& place, const WriteRules* rules);

 private:
  LocalFolders& folders_;
  std::optional<LocalExtras> extras_;
};

}  // namespace cbs::cli
