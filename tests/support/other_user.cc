#include "tests/support/other_user.h"

#include <filesystem>

namespace cbs::test {

OtherUser::OtherUser(const PrivateAgent& agent) : agent_(agent), program_(agent.folder().path("cbsession")) {
  std::filesystem::copy_file(agent.cliProgram({}).argv.front(), program_);
  std::filesystem::permissions(program_, std::filesystem::perms(0755));
}

CliProcess OtherUser::start(const std::string& groups, const std::vector<std::string>& arguments) const {
  std::string user = std::to_string(kUser);
  Program program = agent_.cliProgram({});
  program.argv = {"setpriv", "--reuid=" + user, "--regid=" + user};
  program.argv.push_back(groups.empty() ? "--clear-groups" : "--groups=" + groups);
  program.argv.push_back(program_);
  program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
  return CliProcess(program);
}

CliResult OtherUser::cli(const std::string& groups, const std::vector<std::string>& arguments) const {
  return start(groups, arguments).finish();
}

}  // namespace cbs::test
