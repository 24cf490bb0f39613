#include "agentd/telemetry/health_words.h"

#include "tests/unit/telemetry/health_signs.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::telemetry {
namespace {

HealthSigns spoilt() {
  HealthSigns signs{.now = atEase(), .rejectedLately = 12};
  signs.now.openDescriptors = 900;
  signs.now.queueDepth = 950;
  signs.now.connections = 990;
  signs.now.loopLagP99Us = 120'000;
  signs.now.loopLagMaxUs = 1'500'000;
  signs.now.breakersOpen = 3;
  signs.now.disk = {uint64_t{93} << 20, uint64_t{20} << 30};
  signs.now.journalFault = "jobs.db is damaged";
  signs.now.httpFault = "port 9461 is taken";
  signs.now.logFault = "agentd.log: no space left";
  signs.now.auditFault = "audit.jsonl: no space left";
  signs.keyFailuresLately = {.noKey = 1, .agentUnavailable = 2, .nobodyToAsk = 3};
  signs.clockJump = ClockJump{.byMs = 3'600'000};
  return signs;
}

std::string textOf(HealthCode code, const HealthSigns& signs = spoilt()) { return wordsOf(code, signs).text; }

TEST_CASE("the text of a condition tells the figures") {
  CHECK(textOf(HealthCode::DESCRIPTORS_NEARLY_USED) == "900 of 1000 file descriptors are in use");
  CHECK(textOf(HealthCode::QUEUE_NEARLY_FULL) == "950 of 1000 places in the queue are taken");
  CHECK(textOf(HealthCode::QUEUE_REJECTING) ==
        "the queue was full, and 12 commands and transfers were refused in the last minute");
  CHECK(textOf(HealthCode::POOL_NEARLY_FULL) == "990 of 1000 connections are open");
  CHECK(textOf(HealthCode::LOOP_LAG) ==
        "one turn in a hundred of the event loop was 120 ms late or later, and one 1500 ms, in the last minute");
  CHECK(textOf(HealthCode::BREAKERS_OPEN) == "3 hosts are left alone for a while after failed connections");
  CHECK(textOf(HealthCode::JOURNAL_NEARLY_FULL) == "93.0 MiB of 20.0 GiB are free on the disk of /state");
  CHECK(
      textOf(HealthCode::KEYS_MISSING) ==
      "of the logins in the last 5 minutes 1 had no key to offer, 2 got no answer from the ssh-agent and 3 had nobody "
      "to ask for a passphrase or password");
}

TEST_CASE("the text of a condition passes on what the system says") {
  CHECK(textOf(HealthCode::JOURNAL_UNAVAILABLE).ends_with(": jobs.db is damaged"));
  CHECK(textOf(HealthCode::HTTP_UNAVAILABLE).ends_with(": port 9461 is taken"));
  CHECK(textOf(HealthCode::LOG_UNAVAILABLE).ends_with(": agentd.log: no space left"));
  CHECK(textOf(HealthCode::AUDIT_UNAVAILABLE).ends_with(": audit.jsonl: no space left"));
}

TEST_CASE("one is told as one") {
  auto signs = spoilt();
  signs.rejectedLately = 1;
  signs.now.breakersOpen = 1;
  signs.keyFailuresLately = {.agentUnavailable = 1};
  CHECK(textOf(HealthCode::QUEUE_REJECTING, signs) ==
        "the queue was full, and 1 command or transfer was refused in the last minute");
  CHECK(textOf(HealthCode::BREAKERS_OPEN, signs) == "1 host is left alone for a while after failed connections");
  CHECK(textOf(HealthCode::KEYS_MISSING, signs) ==
        "of the logins in the last 5 minutes 1 got no answer from the ssh-agent");
}

TEST_CASE("a clock that was set is told by how much, which way, and what it means") {
  auto signs = spoilt();
  CHECK(textOf(HealthCode::CLOCK_JUMPED, signs).starts_with("the time of day was set 1 h forward, "));
  CHECK(textOf(HealthCode::CLOCK_JUMPED, signs).find("come earlier than was meant") != std::string::npos);
  signs.clockJump = ClockJump{.byMs = -2500};
  CHECK(textOf(HealthCode::CLOCK_JUMPED, signs).starts_with("the time of day was set 2.5 s back, "));
  CHECK(textOf(HealthCode::CLOCK_JUMPED, signs).find("come later than was meant") != std::string::npos);
}

TEST_CASE("a full disk and too much output are told apart, and together") {
  auto signs = spoilt();
  signs.now.jobOutputBytes = uint64_t{1000} << 20;
  auto both = wordsOf(HealthCode::JOURNAL_NEARLY_FULL, signs);
  CHECK(both.text ==
        "93.0 MiB of 20.0 GiB are free on the disk of /state and the output of jobs takes 1000.0 MiB of 1.0 GiB");
  signs.now.disk = atEase().disk;
  auto output = wordsOf(HealthCode::JOURNAL_NEARLY_FULL, signs);
  CHECK(output.text == "the output of jobs takes 1000.0 MiB of 1.0 GiB");
  CHECK(output.next == "raise jobs.output_total_bytes, or lower jobs.output_max_bytes");
}

TEST_CASE("every condition says what to do, and neither sentence ends in a full stop") {
  for (const HealthCodeInfo& info : kHealthCodes) {
    auto [text, next] = wordsOf(info.code, spoilt());
    INFO(info.name);
    REQUIRE_FALSE(text.empty());
    REQUIRE_FALSE(next.empty());
    CHECK(text.back() != '.');
    CHECK(next.back() != '.');
  }
}

}  // namespace
}  // namespace cbs::telemetry
