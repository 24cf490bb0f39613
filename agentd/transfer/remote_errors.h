// What went wrong on a host, in the terms of the file that it is about.
#pragma once

#include "agentd/ssh/sftp.h"

#include <string>

namespace cbs::transfer {

// An error about one path of a host. `words` say what is with it, if the reason does not.
Error remoteError(Reason reason, const std::string& path, const std::string& words = "");

// Whether an error means that nothing can be asked any more.
bool endsAll(const Error& error);

// The same error with the name of the file itself in place of its temporary one.
Error aboutTarget(Error error, const std::string& temporary, const std::string& target);

// The error of a request that was to write `bytes` bytes for the file at `target`. A server says no more than "Failure"
// when its disk is full: so it is asked how much it has free.
Task<Error> explainWriting(ssh::Sftp& sftp, Error error, std::string target, uint64_t bytes);

// The error of an order to put something at `path`, of which the server may say no more than "Failure" if there is a
// folder.
Task<Error> explainPlacing(ssh::Sftp& sftp, Error error, std::string path);

}  // namespace cbs::transfer
