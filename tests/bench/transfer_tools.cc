#include "tests/bench/transfer_tools.h"

namespace cbs::bench {
namespace {

using Words = std::vector<std::string>;

// For programs that name files on a host as scp does: the file or folder, and where it goes.
Words placesOf(const Errand& errand) {
  std::string source = errand.from + "/" + errand.name;
  if (errand.up) return {source, "bench:" + errand.into + "/"};
  return {"bench:" + source, errand.into + "/"};
}

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words cbsession(const Errand& errand, const BenchDaemon& daemon) {
  Words words = {errand.up ? "upload" : "download", "-q"};
  if (errand.tree) words.emplace_back("-r");
  return daemon.command(with(words, placesOf(errand)));
}

Words scp(const Errand& errand, const std::string& config, const Words& options = {}) {
  Words words = with({"scp", "-q", "-F", config}, options);
  if (errand.tree) words.emplace_back("-r");
  return with(words, placesOf(errand));
}

Words sftp(const Errand& errand, const std::string& config) {
  std::string command = std::string(errand.up ? "put" : "get") + (errand.tree ? " -r" : "");
  return {"sh",
          "-c",
          "printf '%s %s %s\\n' \"$1\" \"$2\" \"$3\" | exec sftp -q -F \"$0\" -b - bench",
          config,
          command,
          errand.from + "/" + errand.name,
          errand.into + "/"};
}

Words rsync(const Errand& errand, const std::string& config) {
  return with({"rsync", "-a", "-e", "ssh -F " + config}, placesOf(errand));
}

// Paths of a measurement are plain words.
Words tar(const Errand& errand, const std::string& config) {
  std::string pack = "tar -C " + errand.from + " -cf - " + errand.name;
  std::string unpack = "tar -C " + errand.into + " -xf -";
  std::string ssh = "ssh -F " + config + " bench ";
  return {"sh", "-c", errand.up ? pack + " | " + ssh + unpack : ssh + pack + " | " + unpack};
}

}  // namespace

const char* nameOf(Tool tool) {
  switch (tool) {
    case Tool::kCbsession:
      return "cbsession";
    case Tool::kScp:
      return "scp";
    case Tool::kScpAes128Gcm:
      return "scp -c aes128-gcm@openssh.com";
    case Tool::kSftp:
      return "sftp";
    case Tool::kRsync:
      return "rsync -a -e ssh";
    case Tool::kTar:
      return "tar | ssh tar";
  }
  return "";
}

bool isHere(Tool tool) {
  return tool != Tool::kRsync || test::ChildProcess({.argv = {"rsync", "--version"}}).wait().code == 0;
}

std::vector<std::string> commandLine(Tool tool, const Errand& errand, const BenchDaemon& daemon) {
  const std::string& config = daemon.sshConfigFile();
  switch (tool) {
    case Tool::kCbsession:
      return cbsession(errand, daemon);
    case Tool::kScp:
      return scp(errand, config);
    case Tool::kScpAes128Gcm:
      return scp(errand, config, {"-c", "aes128-gcm@openssh.com"});
    case Tool::kSftp:
      return sftp(errand, config);
    case Tool::kRsync:
      return rsync(errand, config);
    case Tool::kTar:
      return tar(errand, config);
  }
  return {};
}

}  // namespace cbs::bench
