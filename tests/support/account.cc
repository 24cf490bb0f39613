#include "tests/support/account.h"

#include "tests/support/child_process.h"
#include "tests/support/failure.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <random>

namespace cbs::test {
namespace {

constexpr const char* kAccount = "cbstest";

// Tests run side by side: one makes the account, the others wait for it.
void makeAccount() {
  UniqueFd lock(open("/tmp/.cbstest-account.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (flock(lock.get(), LOCK_EX) != 0) failErrno("flock");
  if (getpwnam(kAccount) != nullptr) return;
  // A password of `*` matches nothing, yet the account is not locked: sshd refuses locked ones.
  runProgram({"useradd", "--system", "--create-home", "--shell", "/bin/sh", "--password", "*", kAccount});
}

}  // namespace

std::string testAccount() {
  if (geteuid() != 0) return getpwuid(geteuid())->pw_name;
  if (getpwnam(kAccount) == nullptr) makeAccount();
  return kAccount;
}

AccountPassword::AccountPassword() : lock_(open("/tmp/.cbstest-password.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (flock(lock_.get(), LOCK_EX) != 0) failErrno("flock");
  std::random_device random;
  text_ = "secret-" + std::to_string(random()) + std::to_string(random());
  runProgram({"sh", "-c", "echo \"$0:$1\" | chpasswd", testAccount(), text_});
}

AccountPassword::~AccountPassword() { runProgram({"usermod", "--password", "*", testAccount()}); }

void giveToTestAccount(const std::string& path) {
  const passwd* account = getpwnam(testAccount().c_str());
  if (account == nullptr || chown(path.c_str(), account->pw_uid, account->pw_gid) != 0) failErrno("chown " + path);
}

}  // namespace cbs::test
