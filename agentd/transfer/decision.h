// What is to be done about an entry, judged by what is at its place.
#pragma once

#include "agentd/transfer/sink.h"

namespace cbs::transfer {

struct Decision {
  enum class What {
    SKIP,
    FAIL,
    MAKE,       // a folder or a symbolic link
    LINK,       // another name of a file that came before
    MOVE,       // a file
    COMPARE,    // a file, which is unchanged if it has the same content
    UNCHANGED,  // a file or a symbolic link
  };
  What what;
  bool folderThere = false;                                      // of a folder that is to be made: it is there
  Error error = {ErrorKind::NONE, Reason::UNSPECIFIED, "", {}};  // why it is skipped or fails
};

Decision decide(const Entry& entry, const Sink::Standing& standing, const Options& options);

// Whether an error ends the whole transfer, as all other files would meet with it as well.
bool endsTransfer(const Error& error);

}  // namespace cbs::transfer
