#include "cli/watch/frame.h"

#include <catch2/catch_test_macros.hpp>

#include "cli/watch/paint.h"
#include "cli/watch/watch_lines.h"
#include "tests/unit/cli/watch_world.h"

namespace cbs::cli {
namespace {

constexpr TerminalSize kUsual{80, 24};

void describeBusyDaemon(schema::Stats::Builder stats) {
  stats.setUptimeMs((3 * 3600 + 5 * 60) * 1000);
  auto engine = stats.initEngine();
  engine.setConnectionsActive(12);
  engine.setConnectionsIdle(780);
  engine.setConnectionsConnecting(8);
  engine.setWaiting(3);
  engine.setCommandsRunning(10);
  engine.setCommandsDone(1234567);
  engine.setTransfersRunning(2);
  engine.setBreakersOpen(1);
  engine.setBreakersHalfOpen(2);
  auto queue = stats.initQueue();
  queue.setActive(10);
  queue.setLanes(10);
  queue.setDepth(50);
  queue.setAccepted(130000);
  queue.setRejected(7);
  queue.setJobsWaiting(4);
  queue.setJobsRunning(1);
  queue.setJobsEnded(99);
  auto latency = stats.initLatency();
  latency.setCount(123456);
  latency.setP50Us(2900);
  latency.setP90Us(12'000);
  latency.setP99Us(1'500'000);
  auto waits = stats.initQueueWaits();
  waits.setCount(5);
  waits.setP50Us(100);
  waits.setP90Us(200);
  waits.setP99Us(300);
  auto process = stats.initProcess();
  process.setResidentBytes(47 << 20);
  process.setOpenDescriptors(830);
  process.setMaxDescriptors(1048576);
  process.setLoopLagP99Us(800);
  auto condition = stats.initConditions(1)[0];
  condition.setCode("breakersOpen");
  condition.setSeverity(schema::Health::Status::DEGRADED);
  condition.setText("1 circuit breaker is open, and this goes on");
}

Sample busyDaemon(unsigned hosts) {
  return sampleOf([=](auto stats, auto to) {
    describeBusyDaemon(stats);
    std::vector<std::string> names;
    for (unsigned i = 1; i <= hosts; ++i) names.push_back("web" + std::to_string(i));
    addHosts(to, names, 1000);
  });
}

Rates busyRates(unsigned hosts) {
  Rates rates{1234.4, 0.5, 115343360.0, 2048.0, 12.34, {}};
  rates.hosts.resize(hosts, {12.3, 1048576.0, 300.0});
  return rates;
}

std::string textOf(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) text += cli::textOf(line) + "\n";
  return text;
}

const char* const kBusyFrame =
    R"(cbsession 1.2.3  pid 4711  up 3 h 5 min  profile default  degraded
1 circuit breaker is open, and this goes on
connections  12 active       780 idle        8 connecting    3 waiting
             [==========================================          ]  800 of 1000
commands     10 running      1234/s          1.2M done
latency      2.9 ms p50      12 ms p90       1.5 s p99
queue        10 of 10 lanes  130000 accepted 7 rejected      0.5/s
             [==                                              ]  50 of 1000 wait
waits        0.10 ms p50     0.20 ms p90     0.30 ms p99
jobs         4 waiting       1 running       99 ended
breakers     1 open          2 half-open
transfers    2 running       110.0 MiB/s up  2.0 KiB/s down
process      47.0 MiB        CPU 12.3 %      830/1048576 fds lag 0.80 ms p99

BUSIEST HOSTS            CONN  CHAN  WAIT   COMMANDS            IN           OUT
web1                        4     2     0     12.3/s     1.0 MiB/s       300 B/s
web2                        4     2     0     12.3/s     1.0 MiB/s       300 B/s






every 1.0 s   ? for keys
)";

TEST_CASE("a usual terminal has a place for every figure") {
  auto sample = busyDaemon(2);
  CHECK(textOf(watchFrame({&sample, busyRates(2)}, kUsual)) == kBusyFrame);
}

TEST_CASE("a daemon that has done nothing yet is shown, and what is not known is a dash") {
  auto sample = sampleOf([](auto, auto) {});
  CHECK(textOf(watchFrame({&sample, ratesBetween(nullptr, sample)}, {80, 16})) ==
        R"(cbsession 1.2.3  pid 4711  up 3 h  profile default  healthy

connections  0 active        0 idle          0 connecting    0 waiting
             [                                                      ]  0 of 1000
commands     0 running       -               0 done
latency      no command yet
queue        0 of 0 lanes    0 accepted      0 rejected      -
             [                                                 ]  0 of 1000 wait
waits        none yet
jobs         0 waiting       0 running       0 ended
breakers     0 open          0 half-open
transfers    0 running       - up            - down
process      0 B             CPU -           0/0 fds         lag 0 ms p99


every 1.0 s   ? for keys
)");
}

TEST_CASE("a frame fits any terminal, with hosts in the rows that are left") {
  auto sample = busyDaemon(100);
  for (unsigned rows : {1u, 2u, 5u, 15u, 24u, 50u, 200u}) {
    for (unsigned columns : {1u, 10u, 40u, 79u, 80u, 200u}) {
      auto lines = watchFrame({&sample, busyRates(100)}, {columns, rows});
      CHECK(lines.size() == rows);
      for (const Line& line : lines) CHECK(columnsOf(line) <= columns);
    }
  }
  auto tall = textOf(watchFrame({&sample, busyRates(100)}, {80, 50}));
  CHECK(tall.find("web34 ") != tall.npos);
  CHECK(tall.find("web35 ") == tall.npos);
}

TEST_CASE("a daemon that has gone is told of, with its last figures still there") {
  auto sample = busyDaemon(1);
  WatchView view{&sample, busyRates(1)};
  view.lost = "it has ended; trying again";
  auto lines = watchFrame(view, kUsual);
  CHECK(cli::textOf(lines[0]) == "cbsession 1.2.3  pid 4711  up 3 h 5 min  profile default  no answer");
  CHECK(cli::textOf(lines[1]) == "it has ended; trying again");
  CHECK(lines[0].back().tone == Tone::bad);
  CHECK(lines[1].back().tone == Tone::bad);
  CHECK(lines[2].front().tone == Tone::faint);
  auto never = watchFrame({nullptr, {}, "it has ended"}, kUsual);
  CHECK(cli::textOf(never[0]) == "cbsession  no answer");
  CHECK(cli::textOf(never[1]) == "it has ended");
}

TEST_CASE("the worst condition has a row, also a long one, which tells how many there are besides") {
  auto sample = sampleOf([](auto stats, auto) {
    auto conditions = stats.initConditions(3);
    conditions[0].setSeverity(schema::Health::Status::DEGRADED);
    conditions[0].setText("slow");
    conditions[1].setSeverity(schema::Health::Status::DOWN);
    conditions[1].setText(std::string(100, 'x'));
    conditions[2].setSeverity(schema::Health::Status::DOWN);
  });
  auto lines = watchFrame({&sample, ratesBetween(nullptr, sample)}, kUsual);
  CHECK(cli::textOf(lines[0]) == "cbsession 1.2.3  pid 4711  up 3 h  profile default  down");
  CHECK(cli::textOf(lines[1]) == std::string(64, 'x') + "... (and 2 more)");
  CHECK(lines[1].back().tone == Tone::bad);
}

TEST_CASE("words of others cannot move the cursor, and long names make room for the figures") {
  auto sample = sampleOf([](auto stats, auto hosts) {
    auto condition = stats.initConditions(1)[0];
    condition.setSeverity(schema::Health::Status::DOWN);
    condition.setText("a\x1b[2Jb\nc");
    addHosts(hosts, {std::string(50, 'x') + "\x1b[H"});
  });
  auto lines = watchFrame({&sample, ratesBetween(nullptr, sample)}, kUsual);
  CHECK(cli::textOf(lines[0]) == "cbsession 1.2.3  pid 4711  up 3 h  profile default  down");
  CHECK(cli::textOf(lines[1]) == "a?[2Jb c");
  CHECK(cli::textOf(lines[15]) == "xxxxxxxxxxxxxxxxxxx...      4     2     0          -             -             -");
}

TEST_CASE("the last line tells of the keys, and of a pause") {
  auto sample = busyDaemon(0);
  WatchView view{&sample, busyRates(0)};
  view.paused = true;
  CHECK(cli::textOf(watchFrame(view, kUsual)[23]) == "paused   every 1.0 s   ? for keys");
  view.help = true;
  CHECK(cli::textOf(watchFrame(view, kUsual)[23]) == "q quit   p pause, go on   + slower   - faster   ? hide the keys");
}

TEST_CASE("a picture places each line, scrolls nothing, and has colours only if they are wanted") {
  std::vector<Line> lines = {{{"a", Tone::bad}, {"b"}}, {}};
  CHECK(paint(lines, true) == "\x1b[1;1H\x1b[31ma\x1b[mb\x1b[K\x1b[2;1H\x1b[K\x1b[J");
  CHECK(paint(lines, false) == "\x1b[1;1Hab\x1b[K\x1b[2;1H\x1b[K\x1b[J");
  auto sample = busyDaemon(100);
  auto picture = paint(watchFrame({&sample, busyRates(100)}, kUsual), true);
  CHECK(picture.find('\n') == picture.npos);
}

TEST_CASE("lines for a file have their figures under their headings") {
  auto sample = busyDaemon(0);
  CHECK(watchHeading() ==
        "  busy  idle wait  run   cmd/s   p50 ms   p99 ms queued  rej/s  jobs open  up KiB/s down KiB/s    MiB  cpu %"
        "   fds  lag ms\n");
  CHECK(watchLine(sample, busyRates(0)) ==
        "    12   780    3   10  1234.4      2.9   1500.0     50    0.5     5    1  112640.0        2.0     47   12.3"
        "   830     0.8\n");
  auto idle = sampleOf([](auto, auto) {});
  CHECK(watchLine(idle, ratesBetween(nullptr, idle)) ==
        "     0     0    0    0       -        -        -      0      -     0    0         -          -      0      -"
        "     0     0.0\n");
}

}  // namespace
}  // namespace cbs::cli
