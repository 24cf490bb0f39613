// Names of owners, from the lines that SFTP servers give for people.
#pragma once

#include "agentd/ssh/sftp_message.h"

#include <string>

namespace cbs::transfer {

struct OwnerNames {
  std::string owner;
  std::string group;
};

// From a line of the form of `ls -l`. Empty where it has another form, or only repeats the numbers.
OwnerNames ownerNames(const ssh::SftpName& name);

}  // namespace cbs::transfer
