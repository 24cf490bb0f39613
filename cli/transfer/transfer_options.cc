#include "cli/transfer/transfer_options.h"

#include "cli/daemon/caller_context.h"
#include "cli/exec/prompter.h"
#include "cli/output/exit_code.h"
#include "cli/output/explain_error.h"
#include "cli/output/json.h"
#include "cli/output/print.h"
#include "cli/output/text_or_base64.h"
#include "common/duration.h"

#include <capnp/message.h>

#include <cstdio>
#include <cstdlib>

namespace cbs::cli {
namespace {

std::string octal(uint32_t mode) {
  char text[16];
  snprintf(text, sizeof(text), "%04o", mode & 07777);
  return text;
}

std::string remoteName(const TransferEnd& end, const RemotePath& remote) {
  if (end.result.get() == nullptr || !end.result->hasRemotePath()) return remote.path;
  auto path = end.result->getRemotePath();
  return std::string(reinterpret_cast<const char*>(path.begin()), path.size());
}

// `web1:/srv/app.tar  12.0 MiB in 1.2 s (10.0 MiB/s)`
std::string line(const TransferEnd& end, const std::string& name) {
  uint64_t us = end.result->getTimes().getRunUs();
  std::string text = name + "  " + byteText(end.result->getBytes());
  if (us == 0) return text + "\n";
  auto perSecond = static_cast<uint64_t>(static_cast<double>(end.result->getBytes()) * 1e6 / static_cast<double>(us));
  return text + " in " + durationText(us * kj::MICROSECONDS) + " (" + byteText(perSecond) + "/s)\n";
}

void printReport(const TransferEnd& end, const RemotePath& remote, const std::string& localPath) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::TransferReport>();
  report.setTarget(remote.target.c_str());
  report.setLocalPath(jsonBytes(localPath).text.c_str());
  report.setRemotePath(jsonBytes(remoteName(end, remote)).text.c_str());
  if (end.result.get() != nullptr) {
    report.setBytes(end.result->getBytes());
    report.setMode(octal(end.result->getMode()).c_str());
    report.setTimes(end.result->getTimes());
  }
  if (end.error.kind != ErrorKind::NONE) describeFailure(end.error, remote.target, report.initError());
  print(toJson<schema::TransferReport>(report));
}

}  // namespace

void addTransferOptions(CLI::App& app, TransferOptions& options) {
  app.add_option("PATH", options.paths, "Where from, and where to")->required()->type_name("");
  app.add_option("--connect-timeout", options.connectTimeout, "Give up connecting after this time")->type_name("DUR");
  app.add_flag("-q,--quiet", options.quiet, "Print nothing but errors");
  app.add_flag("--ask-pass", options.askPass, "Ask for a password if the server wants one");
  app.add_flag("-r,--recursive", options.recursive, "Folders; not supported so far");
}

std::string understand(TransferOptions& options) {
  if (options.recursive) return "-r: folders cannot be moved so far, only single files";
  if (options.askPass && !TerminalPrompter::possible())
    return "--ask-pass: there is no terminal to ask at, and no SSH_ASKPASS";
  if (options.paths.size() < 2) return "a destination is missing";
  if (options.paths.size() > 2) return "more than one file cannot be moved so far";
  for (const std::string& path : options.paths) {
    if (path.empty()) return "a path is empty";
  }
  return readDuration("--connect-timeout", options.connectTimeout, options.connectTimeoutMs);
}

void describeTransfer(Loop loop, const TransferOptions& options, const RemotePath& remote,
                      schema::TransferRequest::Builder to) {
  to.setTarget(remote.target.c_str());
  to.setConnectTimeoutMs(options.connectTimeoutMs);
  auto caller = to.initCaller();
  describeCaller(caller);
  caller.setAskPass(options.askPass);
  static const TerminalUsers kNobody;
  if (TerminalPrompter::possible()) caller.setPrompter(kj::heap<TerminalPrompter>(loop, kNobody));
  auto spec = to.initSpec();
  spec.setRemotePath(kj::arrayPtr(reinterpret_cast<const kj::byte*>(remote.path.data()), remote.path.size()));
}

int reportTransfer(const TransferEnd& end, const RemotePath& remote, const std::string& localPath,
                   const TransferOptions& options, bool json) {
  bool ok = end.error.kind == ErrorKind::NONE;
  if (!ok) printError(sentence(end.error, remote.target));
  if (json) printReport(end, remote, localPath);
  if (ok && !json && !options.quiet) print(line(end, remote.target + ":" + remoteName(end, remote)));
  return exitCodeOf(end.error.kind);
}

}  // namespace cbs::cli
