#include <catch2/catch_test_macros.hpp>

#include "cli/commands/commands.h"
#include "cli/completion/print_completion.h"
#include "cli/completion/shell_words.h"
#include "cli/completion/ssh_hosts.h"
#include "cli/completion/value_candidates.h"
#include "tests/support/temp_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

namespace cbs::cli {
namespace {

using Words = std::vector<std::string>;

const std::vector<KnownCommand> kSome = {
    {"exec", "run", runExec},         {"upload", "copy", runUpload}, {"ls", "list", runLs},
    {"cancel", "end", runCancel},     {"jobs", "jobs", runJobs},     {"agent", "the daemon", runAgent},
    {"breaker", "reset", runBreaker}, {"config", "show", runConfig}};

struct FakeSources final : CompletionSources {
  std::vector<std::string> hosts() override { return {"db1", "web1", "web2"}; }
  std::vector<GroupSource::Name> groups() override { return {{"", "web"}, {"lab", "web"}, {"lab", "db"}}; }
  std::vector<Candidate> jobs(bool alive) override {
    if (alive) return {{"running", "web1: sleep 1"}};
    return {{"running", "web1: sleep 1"}, {"ended", "web1: true"}};
  }
  std::vector<std::string> remoteFiles(const std::string& target, const std::string& folder) override {
    asked = target + " " + folder;
    return {".hidden", "a file", "folder/", "a*b", "a\nb"};
  }
  std::string asked;
};

Words texts(const Completion& completion) {
  Words words;
  for (const Candidate& candidate : completion.candidates) {
    words.push_back(candidate.text + (candidate.final ? "" : "+"));
  }
  if (completion.localFiles) words.push_back("<files>");
  return words;
}

Words completed(Words words, FakeSources& sources) {
  std::string current = words.back();
  words.pop_back();
  return texts(completeWord(kSome, words, current, sources));
}

Words completed(const Words& words) {
  FakeSources sources;
  return completed(words, sources);
}

bool among(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST_CASE("the first word becomes a command, also after common options") {
  CHECK(completed({"e"}) == Words{"exec"});
  CHECK(completed({"--socket", "/s", "--no-autostart", "up"}) == Words{"upload"});
  CHECK(completed({"--v"}) == Words{"--version"});
  CHECK(completed({"--socket", ""}) == Words{"<files>"});
  CHECK(completed({"fly", ""}).empty());
}

TEST_CASE("options are those of the command's own parser") {
  CHECK(completed({"exec", "--ret"}) == Words{"--retries"});
  auto all = completed({"ls", "-"});
  for (auto* name : {"-l", "--long", "-1", "--output", "--socket", "--help"}) CHECK(among(all, name));
  CHECK_FALSE(among(all, "--retries"));
  CHECK(completed({"ls", "--", "-"}).empty());
}

TEST_CASE("values of options come from what their help says") {
  CHECK(completed({"ls", "--output", ""}) == Words{"text", "json", "ndjson"});
  CHECK(completed({"exec", "--output=j"}) == Words{"--output=json", "--output=junit"});
  CHECK(completed({"exec", "--priority", ""}) == Words{"low", "normal", "high"});
  CHECK(completed({"jobs", "--state", "r"}) == Words{"running"});
  CHECK(completed({"jobs", "--target", "d"}) == Words{"db1"});
  CHECK(completed({"exec", "--config", ""}) == Words{"<files>"});
  CHECK(completed({"exec", "--timeout", ""}).empty());
}

TEST_CASE("choices are read out of a sentence, or there are none") {
  CHECK(choicesIn("text or json") == Words{"text", "json"});
  CHECK(choicesIn("queued, waiting, running, ended, or some of them") ==
        Words{"queued", "waiting", "running", "ended"});
  CHECK(choicesIn("Run it in this directory").empty());
}

TEST_CASE("targets become hosts, with the user that was typed") {
  CHECK(completed({"exec", "web"}) == Words{"web1", "web2"});
  CHECK(completed({"exec", "-it", "me@d"}) == Words{"me@db1"});
  CHECK(completed({"exec", "--timeout", "5s", ""}) == Words{"db1", "web1", "web2"});
}

TEST_CASE("behind an @ targets become groups, and the sources that have some") {
  CHECK(completed({"exec", "@"}) == Words{"@web", "@lab:+", "@db"});
  CHECK(completed({"exec", "web1,@w"}) == Words{"web1,@web"});
  CHECK(completed({"exec", "@web!we"}) == Words{"@web!web1", "@web!web2"});
  CHECK(completed({"exec", "@web&@d"}) == Words{"@web&@db"});
  CHECK(completed({"exec", "@a^me@@d"}) == Words{"@a^me@@db"});
  CHECK(completed({"exec", "@lab:"}) == Words{"@lab:web", "@lab:db"});
  CHECK(completed({"upload", "a", "@d"}) == Words{"@db:+", "<files>"});
  CHECK(completed({"upload", "a", "@lab:d"}) == Words{"@lab:db:+", "<files>"});
  CHECK(completed({"breaker", "reset", "@"}).empty());
  CHECK(completed({"ls", "@"}).empty());
}

TEST_CASE("what runs on the host is none of our words") {
  CHECK(completed({"exec", "web1", ""}).empty());
  CHECK(completed({"exec", "web1", "ls", "-"}).empty());
}

TEST_CASE("verbs and jobs are completed") {
  CHECK(completed({"agent", "st"}) == Words{"start", "stop", "status"});
  CHECK(completed({"agent", "stop", ""}).empty());
  CHECK(completed({"breaker", ""}) == Words{"reset"});
  CHECK(completed({"breaker", "reset", "d"}) == Words{"db1"});
  CHECK(completed({"config", "check", ""}) == Words{"<files>"});
  CHECK(completed({"jobs", ""}) == Words{"running", "ended"});
  CHECK(completed({"cancel", "x", ""}) == Words{"running"});
}

TEST_CASE("paths on a host are asked for below the folder that was typed") {
  FakeSources sources;
  CHECK(completed({"upload", "a", "web1:"}, sources) == Words{"web1:a file", "web1:folder/+"});
  CHECK(sources.asked == "web1 .");
  CHECK(completed({"ls", "web1:/srv/f"}, sources) == Words{"web1:/srv/folder/+"});
  CHECK(sources.asked == "web1 /srv/");
  CHECK(completed({"ls", "web1:~/x/."}, sources) == Words{"web1:~/x/.hidden"});
  CHECK(sources.asked == "web1 x/");
  CHECK(completed({"ls", "[web1:2222]:a/f"}, sources) == Words{"[web1:2222]:a/folder/+"});
  CHECK(sources.asked == "web1:2222 a/");
  CHECK(completed({"ls", "web1:/*/"}, sources).empty());
}

TEST_CASE("a path may still become a host's or a local one") {
  CHECK(completed({"upload", "d"}) == Words{"db1:+", "<files>"});
  CHECK(completed({"upload", "./d"}) == Words{"<files>"});
  CHECK(completed({"ls", "d"}) == Words{"db1:+"});
}

TEST_CASE("bash's line is read as bash does, and answered with what readline replaces") {
  FakeSources sources;
  auto answer = [&](const std::string& line) {
    return completionText(kSome, {"bash", line, " \t\n\"'@><=;|&(:"}, sources, "/home/me");
  };
  CHECK(answer("cbsession ls web1:/srv/") == "/srv/a\\ file \n/srv/folder/\n");
  CHECK(answer("cbsession ls 'web1:/srv/") == "web1:/srv/a file\nweb1:/srv/folder/\n");
  CHECK(answer("cbsession exec --output=js") == "json \n");
  CHECK(answer("cbsession exec me@d") == "@db1 \n");
  CHECK(answer("cbsession upload me@d") == "@db1:\n");
  CHECK(answer("cbsession exec @w") == "@web \n");
  CHECK(answer("cbsession exec web1,@w") == "@web \n");
  CHECK(answer("cbsession exec @lab:w") == "web \n");
  CHECK(answer("cbsession ls me@web1:/srv/") == "/srv/a\\ file \n/srv/folder/\n");
  CHECK(answer("true; cbsession agent dr") == "drain \n");
  CHECK(answer("cbsession exec web\\1 ") == "");
}

TEST_CASE("bash completes local files by itself, and quotes their names") {
  test::TempFolder folder;
  std::ofstream(folder.path("a (copy)"));
  std::ofstream(folder.path(".hidden"));
  FakeSources sources;
  std::string line = "cbsession config check " + folder.path() + "/";
  CHECK(completionText(kSome, {"bash", line, ""}, sources, "") == folder.path() + "/a\\ \\(copy\\) \n");
  CHECK(completionText(kSome, {"bash", "cbsession config check ~/a", ""}, sources, folder.path()) ==
        "~/a\\ \\(copy\\) \n");
}

TEST_CASE("the other shells get words with summaries, and do files themselves") {
  FakeSources sources;
  CHECK(completionText(kSome, {"zsh", "cancel", ""}, sources, "") == "running \tweb1: sleep 1\n");
  CHECK(completionText(kSome, {"fish", "upload", "w"}, sources, "") == "web1:\t\nweb2:\t\n\tfiles\n");
  CHECK(completionText(kSome, {"fish"}, sources, "").empty());
}

TEST_CASE("hosts are those that ssh_config names, in what it includes as well, without patterns") {
  test::TempFolder folder;
  std::ofstream(folder.path("config")) << "Host web1 \"web 2\" *.example !no # not this\nhost=db1\nInclude more/*\n"
                                       << "Include config\n  HostName other\nMatch host x\n";
  mkdir(folder.path("more").c_str(), 0700);
  std::ofstream(folder.path("more/one")) << "HOST web1 web3\n";
  CHECK(hostsIn({{folder.path("config"), folder.path()}, {"/nonexistent", "/"}}, "/home/me") ==
        Words{"db1", "web 2", "web1", "web3"});
}

}  // namespace
}  // namespace cbs::cli
