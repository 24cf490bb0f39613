// The account that tests log in as.
#pragma once

#include "tests/support/unique_fd.h"

#include <string>

namespace cbs::test {

// Root's login shell can be slow (its profile), and nobody should need to be root: as root the tests use the account
// `cbstest`, made here when it is missing, with /bin/sh; other users test as themselves.
std::string testAccount();

// While it lives the test account has a password, for sshds that take one; only root can give it one. Other tests that
// want the same wait.
class AccountPassword {
 public:
  AccountPassword();
  ~AccountPassword();
  AccountPassword(const AccountPassword&) = delete;
  AccountPassword& operator=(const AccountPassword&) = delete;

  const std::string& text() const { return text_; }

 private:
  UniqueFd lock_;
  std::string text_;
};

// Makes the test account the owner of a file or folder.
void giveToTestAccount(const std::string& path);

}  // namespace cbs::test
