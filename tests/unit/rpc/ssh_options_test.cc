// Who may give options of ssh with a command, how many, and what is put on record of them.
#include "agentd/rpc/ssh_options.h"

#include "agentd/rpc/audit_fields.h"

#include <capnp/message.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <vector>

namespace cbs::rpc {
namespace {

struct Request {
  explicit Request(const std::vector<std::string>& lines, const std::string& file = "") {
    auto list = request.initSshOptions(static_cast<unsigned>(lines.size()));
    for (unsigned i = 0; i < list.size(); ++i) list.set(i, lines[i].c_str());
    request.setSshConfigFile(file.c_str());
  }
  Error fault(uid_t user = geteuid()) {
    auto options = sshOptionsOf(request, user);
    return options ? Error{.kind = ErrorKind::NONE} : options.error();
  }
  capnp::MallocMessageBuilder message;
  schema::ExecRequest::Builder request = message.initRoot<schema::ExecRequest>();
};

constexpr uid_t kStranger = 65534;

TEST_CASE("options of ssh that can name programs and files are for the daemon's own user and root") {
  Request withLine({"ProxyCommand=x"});
  Request withFile({}, "/etc/hosts");
  for (auto* request : {&withLine, &withFile}) {
    CHECK(request->fault().kind == ErrorKind::NONE);
    CHECK(request->fault(0).kind == ErrorKind::NONE);
    auto fault = request->fault(kStranger);
    CHECK(fault.reason == Reason::PEER_REFUSED);
    CHECK(fault.fact("refused") == "call");
  }
  CHECK(Request({}).fault(kStranger).kind == ErrorKind::NONE);
  CHECK(Request({"SendEnv=GIT_PROTOCOL", "ConnectTimeout 5"}).fault(kStranger).kind == ErrorKind::NONE);
}

TEST_CASE("no spelling of an option makes it look like one that everyone may give") {
  for (auto* line : {"=ProxyCommand=x", "\"ProxyCommand\"=x", " ProxyCommand=x", "PROXYCOMMAND=x", "SendEnv", "Send",
                     "\"SendEnv\"=A", "SendEnv\tA", "SendEnv\"=A", "IdentityFile=/etc/shadow", "Include=/x",
                     "LocalCommand=x", "User=$(x)"}) {
    INFO(line);
    CHECK(Request({"SendEnv=A", line}).fault(kStranger).reason == Reason::PEER_REFUSED);
  }
}

TEST_CASE("options of ssh are few, short, and lines") {
  CHECK(Request(std::vector<std::string>(100, "Port=1")).fault().kind == ErrorKind::NONE);
  CHECK(Request(std::vector<std::string>(101, "Port=1")).fault().kind == ErrorKind::USAGE);
  CHECK(Request({"ProxyCommand=" + std::string(20'000, 'x')}).fault().kind == ErrorKind::USAGE);
  CHECK(Request({""}).fault().kind == ErrorKind::USAGE);
  CHECK(Request({"Port=1\nProxyCommand=x"}).fault().kind == ErrorKind::USAGE);
  CHECK(Request({}, "none").fault().kind == ErrorKind::NONE);
  CHECK(Request({}, "config").fault().kind == ErrorKind::USAGE);
}

TEST_CASE("options of ssh and subsystems are put on record, but no variable's value") {
  Request request({"ProxyCommand=nc %h", "SetEnv=TOKEN=hush"}, "/etc/other");
  request.request.initSpec().getCommand().setSubsystem("sftp");
  CHECK(auditFields(request.request) ==
        R"("subsystem":"sftp","ssh_options":["ProxyCommand=nc %h","setenv"],"ssh_config":"/etc/other")");
  CHECK(firstWordOf(request.request.getSpec()) == "sftp");
}

}  // namespace
}  // namespace cbs::rpc
