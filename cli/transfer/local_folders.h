// The folders of a tree that is being written: those that were there, and those that are made.
#pragma once

#include "cli/transfer/local_tree.h"
#include "cli/transfer/local_walk.h"
#include "cli/transfer/portion.h"
#include "cli/transfer/temporary_file.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cbs::cli {

class LocalFolders {
 public:
  struct End {
    std::optional<mode_t> mode = {};  // to be given at the end, as files are to be put in it until then
    std::optional<int64_t> mtimeS = {};
    bool ours = false;  // made by this transfer
  };
  using All = std::map<std::string, End>;  // by the path of the entry: a folder comes before what is in it

  // One that is there has come by.
  void saw(const std::string& path) { all_.try_emplace(path); }
  // Makes one, or makes sure that files can be put in the one that is there. `isNew`: it was made, but not here.
  Expected<void> make(const Spot& spot, const LocalEntry& entry, const WriteRules& rules, bool isNew);
  const All& all() const { return all_; }

  // Gives them their modes and times, and makes durable what is in them if the rules say so; to be called until it is
  // true, and then nothing else.
  bool finishSome(const LocalPlace& place, const WriteRules& rules, Portion& portion,
                  std::vector<LocalPathError>& errors);

 private:
  bool finishTop(const LocalPlace& place, const WriteRules& rules, std::vector<LocalPathError>& errors);

  All all_;
  std::optional<std::string> finished_;  // the last one that has its mode and time
  bool done_ = false;
};

}  // namespace cbs::cli
