// The formats for programs.
#include "cli/fanout/json_presenter.h"
#include "common/subprocess.h"
#include "tests/unit/cli/fan_out_formats_world.h"

namespace cbs::cli {
namespace {

using test::contains;
using test::count;

// What Python, which reads the report on its standard input, prints.
std::string python(FormatWorld& world, const std::string& report, const std::string& script) {
  auto done = runSubprocess(world.loop, {.argv = {"python3", "-c", script}, .environment = {}, .input = report})
                  .promise()
                  .wait(world.io.waitScope);
  if (!done && done.error().reason == Reason::NOT_FOUND) SKIP("needs python3");
  REQUIRE(done);
  INFO(done->err);
  REQUIRE(done->status == 0);
  return done->out;
}

std::string json(FormatWorld& world, const std::string& expression) {
  return python(world, world.console.out, "import json,sys; r=json.load(sys.stdin); print((" + expression + "))");
}

TEST_CASE("json: one report, its results in the order of the targets, each as soon as it can be printed") {
  FormatWorld world({"w1", "w2", "w3"});
  world.start({}, "json");
  world.prints(2, "third\n");
  world.endsWith(2, exited(0));
  CHECK(world.console.out.empty());
  world.prints(0, "first\n");
  world.complains(0, "caf\xe9");
  world.endsWith(0, exited(3));
  CHECK(contains(world.console.out, "\"target\":\"w1\""));
  CHECK_FALSE(contains(world.console.out, "\"target\":\"w3\""));
  world.endsWith(1, refused());
  CHECK(contains(world.console.out, "\"target\":\"w3\""));
  world.finish(241);
  CHECK(world.console.out.back() == '\n');
  CHECK(json(world, "[(x['target'],x['status'],x['state'],x['stdout']) for x in r['results']]") ==
        "[('w1', 3, 'exited', 'first\\n'), ('w2', 241, 'notSent', ''), ('w3', 0, 'exited', 'third\\n')]\n");
  CHECK(json(world, "r['results'][0]['stderr'],r['results'][0]['stderrBase64'],r['results'][0]['id']") ==
        "('Y2Fm6Q==', True, '01k5q3v8zt7c2m4x')\n");
  CHECK(json(world, "r['results'][1]['error']['reason'], 'event' in r['summary']") == "('connectionRefused', False)\n");
  CHECK(json(world, "[r['summary'][k] for k in ('status','hosts','succeeded','failed','skipped','us')]") ==
        "[241, 3, 1, 2, 0, 1500000]\n");
}

TEST_CASE("json: a report of hosts that never ended is whole") {
  FormatWorld world({"w1", "w2"});
  world.start({}, "json");
  world.prints(1, "half");
  world.hostEnds[0] = neverBegun();
  world.hostEnds[1] = HostEnd::lost({ErrorKind::LOST, Reason::CONNECTION_LOST, ""});
  world.finish(247);
  CHECK(json(world, "[(x['state'],x['stdout']) for x in r['results']], r['summary']['skipped']") ==
        "([('notSent', ''), ('unknown', 'half')], 1)\n");
}

TEST_CASE("json: of a stream the first 64 MiB are there, and that there was more is said") {
  FormatWorld world({"w1"});
  world.presenter = makeJsonPresenter(world.needs(), 2048);
  for (int i = 0; i < 3; ++i) world.prints(0, std::string(1000, 'x'));
  world.complains(0, std::string(2048, 'y'));
  world.ends(0);
  world.finish();
  CHECK(json(world,
             "[(x['stdout'] == 2048*'x', x['stdoutTruncated'], x['stderr'] == 2048*'y', x['stderrTruncated']) "
             "for x in r['results']]") == "[(True, True, True, False)]\n");
  CHECK(world.console.err == "cbsession: w1: only the first 2.0 KiB of standard output are shown\n");
}

TEST_CASE("ndjson: an event a line, as it happens") {
  FormatWorld world({"w1", "w2"});
  world.start({}, "ndjson");
  world.begins(1);
  CHECK(world.console.out == "{\"event\":\"started\",\"target\":\"w2\"}\n");
  world.console.out.clear();
  world.complains(1, "oh\n");
  CHECK(world.console.out ==
        "{\"event\":\"output\",\"target\":\"w2\",\"stream\":\"stderr\",\"text\":\"oh\\n\",\"base64\":false}\n");
  world.console.out.clear();
  world.endsWith(1, exited(4));
  CHECK(contains(world.console.out, "\"event\":\"ended\""));
  CHECK(contains(world.console.out, "\"exitCode\":4"));
  world.console.out.clear();
  world.endsWith(0, refused());
  CHECK(contains(world.console.out, "\"reason\":\"connectionRefused\""));
  world.console.out.clear();
  world.finish(241);
  CHECK(contains(world.console.out, "{\"event\":\"summary\",\"status\":241,\"hosts\":2,"));
  CHECK(count(world.console.out, "\n") == 1);
}

TEST_CASE("ndjson: no character is torn, whatever the pieces, and what is no text is base64") {
  FormatWorld world({"w1", "w2"});
  world.start({}, "ndjson");
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";  // characters of one to four bytes
  for (char byte : text) {
    world.prints(0, {&byte, 1});
    world.prints(1, "-");
  }
  world.prints(1, "\xff");
  world.prints(0, "\xe2\x82");
  world.ends(0);
  auto script =
      "import json,sys,base64\n"
      "e=[json.loads(l) for l in sys.stdin]\n"
      "e=[x for x in e if x['event']=='output' and x['target']=='w1']\n"
      "print([x['text'] for x in e],e[-1]['base64'])";
  CHECK(python(world, world.console.out,
               "import sys; sys.stdout.reconfigure(encoding='utf-8')\n" + std::string(script)) ==
        "['a', '\xc3\xa9', '\xe2\x82\xac', '\xf0\x9f\x98\x80', 'z', '4oI='] True\n");
  CHECK(contains(world.console.out, "\"text\":\"/w==\",\"base64\":true"));
}

TEST_CASE("junit: a test case a host, with verdicts and outputs that every XML parser takes") {
  FormatWorld world({"w1", "w2", "w3", "w4"});
  world.command = "echo \"<a & b>\"\tx";
  world.start({}, "junit");
  world.prints(0, std::string_view("ok ]]> \0\x1b[31m \xff <&> caf\xc3\xa9\r\n\xef\xbf\xbf \xe2", 32));
  world.prints(0, "\x82\xac");
  world.complains(1, "no such file\n");
  world.endsWith(0, exited(0, 2'500'000));
  world.endsWith(1, exited(3));
  world.endsWith(2, refused());
  world.endsWith(3, neverBegun());
  CHECK(world.console.out.empty());
  world.finish(241);
  auto script = [](const std::string& expression) {
    return "import sys,xml.etree.ElementTree as E\nsys.stdout.reconfigure(encoding='utf-8')\n"
           "t=E.fromstring(sys.stdin.buffer.read())\ns=t[0]\nprint((" +
           expression + "))";
  };
  CHECK(python(world, world.console.out,
               script("[[n.get(k) for k in ('tests','failures','errors','skipped','time')] "
                      "for n in (t,s)], repr(s.get('name'))")) ==
        "([['4', '1', '1', '1', '1.500'], ['4', '1', '1', '1', '1.500']], '\\'echo \"<a & b>\"\\\\tx\\'')\n");
  CHECK(python(world, world.console.out,
               script("[(c.get('name'),c.get('classname'),c.get('time'),[k.tag for k in c]) for "
                      "c in s]")) ==
        "[('w1', 'cbsession.exec', '2.500', ['system-out']), ('w2', 'cbsession.exec', '0.000', ['failure', "
        "'system-err']), ('w3', 'cbsession.exec', '0.000', ['error']), ('w4', 'cbsession.exec', '0.000', "
        "['skipped'])]\n");
  CHECK(python(world, world.console.out, script("ascii(s[0][0].text)")) ==
        "'ok ]]> \\ufffd\\ufffd[31m \\ufffd <&> caf\\xe9\\r\\n\\ufffd \\u20ac'\n");
  CHECK(python(world, world.console.out, script("s[1][0].get('message'),s[1][0].get('type'),s[1][0].text")) ==
        "('exited with 3', 'status', 'cbsession: w2: exited with 3\\n')\n");
  CHECK(contains(python(world, world.console.out, script("s[2][0].get('type'),s[2][0].get('message')")),
                 "('unreachable', 'connection refused"));
}

TEST_CASE("what cannot be printed ends the work") {
  FormatWorld world({"w1"});
  world.start({}, "ndjson");
  world.console.failure = {ErrorKind::CANCELLED, Reason::CALLER_GONE, ""};
  CHECK_FALSE(world.tryPrint(0, "text"));
}

}  // namespace
}  // namespace cbs::cli
