// Where on a host the entries of a transfer go.
#pragma once

#include "agentd/ssh/sftp.h"
#include "agentd/transfer/entry.h"

#include <string>
#include <string_view>

namespace cbs::transfer {

class RemotePlace {
 public:
  // Nothing is put anywhere yet.
  RemotePlace() = default;

  // Decides it as cp and scp do: into `destination` if that is a folder, else under its name. Makes that folder if it
  // has to be one and is missing, but for a dry run. Fails with notFound, alreadyExists, or as Sftp.
  static Task<Expected<RemotePlace>> find(ssh::Sftp& sftp, std::string destination, Roots roots, bool dryRun);

  // The path on the host of an entry's path. Not to be called with one that does not belong here.
  std::string at(std::string_view entryPath) const;
  // Whether it is an entry path that leads to a place of ours.
  bool takes(std::string_view entryPath) const;

  // Of the root if there is one only, else of the folder; absolute.
  const std::string& path() const { return path_; }

  // What is at the entry path "": the folder that the contents of a root, or the roots, go to.
  enum class Top {
    FOUND,
    MADE,
    ABSENT,   // in a dry run
    OUTSIDE,  // the root has a new name: what it is in is not looked at
  };
  Top top() const { return top_; }

 private:
  struct Asked;

  static Expected<RemotePlace> decide(const Asked& asked, const Roots& roots);

  std::string base_;
  std::string renamed_;  // the root that is `base_` itself
  std::string path_;
  Top top_ = Top::FOUND;
  bool contents_ = false;
};

}  // namespace cbs::transfer
