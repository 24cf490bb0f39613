// The account that tests log in as.
#pragma once

#include <string>

namespace cbs::test {

// Root's login shell can be slow (its profile), and nobody should need to be root: as root the tests use the account
// `cbstest`, made here when it is missing, with /bin/sh; other users test as themselves.
std::string testAccount();

// Makes the test account the owner of a file or folder.
void giveToTestAccount(const std::string& path);

}  // namespace cbs::test
