#include "tests/unit/queue/job_world.h"

#include <unistd.h>

namespace cbs::queue {
namespace {

using schema::JobState;
using State = schema::Outcome::State;

const Error kUnreachable{ErrorKind::UNREACHABLE, Reason::CONNECTION_REFUSED, ""};
const Error kLost{ErrorKind::LOST, Reason::CONNECTION_LOST, ""};
const Error kStopping{ErrorKind::CANCELLED, Reason::DAEMON_STOPPING, ""};

TEST_CASE("a job runs, and keeps its status and what it printed") {
  JobStage stage;
  auto id = stage.submit("uptime");
  auto command = stage.next();
  CHECK(command->line == "uptime");
  stage.print(*command, "up ");
  stage.print(*command, "oops", schema::OutputStream::STDERR);
  stage.print(*command, "for ever");
  CHECK(stage.find(id).state == JobState::RUNNING);
  stage.exit(*command, 3);
  CHECK(stage.fate(id).status == 3);
  CHECK(stage.log(id) == "up for ever");
  CHECK(stage.log(id, schema::OutputStream::STDERR) == "oops");
  auto job = stage.find(id);
  CHECK(job.state == JobState::ENDED);
  CHECK(job.startedMs >= job.submittedMs);
  CHECK(job.endedMs >= job.startedMs);
}

TEST_CASE("a large log is kept in a file, and read in parts") {
  JobStage stage;
  auto id = stage.submit("seq");
  auto command = stage.next();
  std::string all;
  for (int i = 0; i < 40; ++i) {
    std::string piece(60'000, static_cast<char>('a' + i % 26));
    stage.print(*command, piece);
    all += piece;
  }
  stage.exit(*command, 0);
  CHECK(stage.log(id) == all);
  stage.restart();
  CHECK(stage.log(id) == all);
}

TEST_CASE("what is beyond the limit of a log is counted, and the beginning is kept") {
  JobStage stage({}, {.logBytes = 100'000});
  auto id = stage.submit("yes");
  auto command = stage.next();
  for (int i = 0; i < 4; ++i) stage.print(*command, std::string(40'000, 'y'));
  stage.exit(*command, 0);
  stage.fate(id);
  auto kept = stage.log(id);
  CHECK(kept.size() <= 100'000);
  CHECK(kept.size() >= 80'000);
  CHECK(stage.find(id).logDroppedBytes == 160'000 - kept.size());
}

TEST_CASE("what all logs may take together is not exceeded, and the oldest make room") {
  JobStage stage({}, {.logsBytes = 200'000});
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) {
    ids.push_back(stage.submit("yes"));
    auto command = stage.next();
    stage.print(*command, std::string(40'000, 'y'));
    stage.exit(*command, 0);
    stage.fate(ids.back());
  }
  CHECK(stage.log(ids.back()).size() == 40'000);
  stage.until([&]() { return stage.find(ids.front()).logBytes == 0; });
  CHECK(stage.log(ids.front()).empty());
  CHECK(stage.find(ids.front()).logDroppedBytes >= 40'000);
  CHECK(stage.fate(ids.front()).status == 0);
}

TEST_CASE("a reader who follows a job gets what it prints as it comes, and its end") {
  JobStage stage;
  auto id = stage.submit("tail");
  auto first = stage.keeper->readLog(id, 0, 0, 20 * kj::SECONDS).promise();
  auto command = stage.next();
  auto begun = first.wait(stage.io.waitScope);  // the attempt has begun
  REQUIRE(begun);
  CHECK(begun->attempt == 1);
  auto news = stage.keeper->readLog(id, 1, begun->next, 20 * kj::SECONDS).promise();
  CHECK_FALSE(news.poll(stage.io.waitScope));
  stage.print(*command, "line");
  auto part = news.wait(stage.io.waitScope);
  CHECK(part->bytes.substr(kLogHead) == "line");
  CHECK_FALSE(part->complete);
  auto end = stage.keeper->readLog(id, 1, part->next, 20 * kj::SECONDS).promise();
  stage.exit(*command, 0);
  CHECK(end.wait(stage.io.waitScope)->complete);
}

TEST_CASE("a job that waits is cancelled at once and for good, one that runs is told to end") {
  JobStage stage({.core = 1, .max = 1});
  auto running = stage.submit("first");
  auto command = stage.next();
  auto waiting = stage.submit("second");
  auto results = stage.await(stage.keeper->cancel({waiting, running}));
  REQUIRE(results);
  CHECK((*results)[0] == std::pair(waiting, CancelResult::REMOVED));
  CHECK((*results)[1] == std::pair(running, CancelResult::SIGNALLED));
  CHECK(stage.fate(waiting).state == State::NOT_SENT);
  CHECK(stage.fate(waiting).reason == Reason::CALLER_CANCELLED);
  stage.until([&]() { return command->cancelled; });
  stage.fail(*command, true, {ErrorKind::CANCELLED, Reason::CALLER_CANCELLED, ""});
  CHECK(stage.fate(running).reason == Reason::CALLER_CANCELLED);
  auto again = stage.await(stage.keeper->cancel({running}));
  CHECK(again->front().second == CancelResult::HAD_ENDED);
  stage.restart();
  CHECK(stage.hosts.starts["second"] == 0);
}

TEST_CASE("a job that is not there is told, and then nothing is done to the others") {
  JobStage stage;
  auto id = stage.submit("first");
  auto command = stage.next();
  auto results = stage.await(stage.keeper->cancel({id, "nothere"}));
  REQUIRE_FALSE(results);
  CHECK(results.error().reason == Reason::JOB_NOT_FOUND);
  CHECK(results.error().fact("job") == "nothere");
  CHECK_FALSE(command->cancelled);
  CHECK(stage.await(stage.keeper->await({"nothere"}, false, 1 * kj::SECONDS)).error().kind == ErrorKind::USAGE);
  CHECK(stage.await(stage.keeper->readLog("nothere", 0, 0, 1 * kj::SECONDS)).error().kind == ErrorKind::USAGE);
}

TEST_CASE("a job starts once those that it comes after have succeeded") {
  JobStage stage;
  auto first = stage.submit("first");
  auto second = stage.submit("second", {.name = "second"});
  auto last = stage.submit("last", {.after = {{first}, {"second"}}});
  CHECK(stage.find(last).state == JobState::WAITING);
  auto one = stage.next(), other = stage.next();
  stage.exit(*other, 0);
  stage.fate(other->line == "first" ? first : second);
  CHECK(stage.hosts.starts["last"] == 0);
  CHECK(stage.find(last).after.size() == 1);
  stage.exit(*one, 0);
  CHECK(stage.next()->line == "last");
}

TEST_CASE("a job whose predecessor fails is cancelled, and those after it likewise") {
  JobStage stage;
  auto first = stage.submit("first");
  auto second = stage.submit("second", {.after = {{first}}});
  auto third = stage.submit("third", {.after = {{second}}});
  auto whatever = stage.submit("whatever", {.after = {{first, false}}});
  stage.exit(*stage.next(), 1);
  CHECK(stage.fate(second).reason == Reason::DEPENDENCY_FAILED);
  CHECK(stage.fate(third).reason == Reason::DEPENDENCY_FAILED);
  CHECK(stage.next()->line == "whatever");
  auto late = stage.submit("late", {.after = {{first}}});
  CHECK(stage.fate(late).reason == Reason::DEPENDENCY_FAILED);
  CHECK(stage.hosts.starts["second"] + stage.hosts.starts["third"] + stage.hosts.starts["late"] == 0);
}

TEST_CASE("dependencies hold across a restart") {
  JobStage stage({.core = 1, .max = 1});
  auto first = stage.submit("first");
  auto command = stage.next();
  auto second = stage.submit("second", {.idempotent = true, .after = {{first}}});
  stage.exit(*command, 0);
  stage.fate(first);
  stage.restart();
  CHECK(stage.next()->line == "second");
  auto third = stage.submit("third", {.after = {{second}}});
  stage.restart();
  CHECK(stage.find(third).state == JobState::WAITING);
  stage.exit(*stage.next(), 1);
  CHECK(stage.fate(third).reason == Reason::DEPENDENCY_FAILED);
}

TEST_CASE("a job that was certainly not sent is tried again as often as it may, and no more") {
  JobStage stage;
  auto id = stage.submit("once", {.retries = 1});
  stage.fail(*stage.next(), false, kUnreachable);
  stage.until([&]() { return stage.find(id).state == JobState::WAITING || !stage.hosts.running.empty(); });
  stage.fail(*stage.next(), false, kUnreachable);
  auto fate = stage.fate(id);
  CHECK(fate.state == State::NOT_SENT);
  CHECK(fate.reason == Reason::CONNECTION_REFUSED);
  CHECK(stage.find(id).attempts == 2);
  CHECK(stage.hosts.starts["once"] == 2);
}

TEST_CASE("a job whose fate is unknown is tried again only if it is idempotent") {
  JobStage stage;
  auto careful = stage.submit("careful", {.retries = 3});
  stage.fail(*stage.next(), true, kLost);
  CHECK(stage.fate(careful).state == State::UNKNOWN);
  auto idempotent = stage.submit("idempotent", {.idempotent = true, .retries = 3});
  auto first = stage.next();
  stage.print(*first, "half of");
  stage.fail(*first, true, kLost);
  auto second = stage.next();
  stage.print(*second, "the whole");
  stage.exit(*second, 0);
  CHECK(stage.fate(idempotent).status == 0);
  CHECK(stage.log(idempotent) == "the whole");
}

TEST_CASE("a lane is free while a job waits for another attempt") {
  JobStage stage({.core = 1, .max = 1});
  auto first = stage.submit("first", {.retries = 5});
  stage.fail(*stage.next(), false, Error(kUnreachable).with("retryAfterMs", "600000"));
  auto second = stage.submit("second");
  CHECK(stage.next()->line == "second");
  CHECK(stage.find(first).state == JobState::WAITING);
  CHECK(stage.find(first).notBeforeMs > stage.find(first).submittedMs + 500'000);
}

TEST_CASE("jobs that wait run after a restart, and those that ran are told as unknown unless they are idempotent") {
  JobStage stage({.core = 2, .max = 2});
  auto careful = stage.submit("careful");
  auto again = stage.submit("again", {.idempotent = true});
  auto first = stage.next(), second = stage.next();
  stage.print(first->line == "careful" ? *first : *second, "so far");
  auto waiting = stage.submit("waiting");
  stage.restart();
  auto fate = stage.fate(careful);
  CHECK(fate.state == State::UNKNOWN);
  CHECK(fate.reason == Reason::DAEMON_DIED);
  CHECK(stage.log(careful) == "so far");
  for (int i = 0; i < 2; ++i) stage.exit(*stage.next(), 0);
  CHECK(stage.fate(again).status == 0);
  CHECK(stage.fate(waiting).status == 0);
  CHECK(stage.hosts.starts == std::map<std::string, int>{{"careful", 1}, {"again", 2}, {"waiting", 1}});
}

TEST_CASE("a daemon that ends in order keeps what waits, and puts back what it stopped before it was sent") {
  JobStage stage({.core = 2, .max = 2});
  auto unsent = stage.submit("unsent");
  auto sent = stage.submit("sent");
  auto first = stage.next(), second = stage.next();
  auto waiting = stage.submit("waiting");
  stage.keeper->suspend();
  stage.fail(*first, first->line == "sent", kStopping);
  stage.fail(*second, second->line == "sent", kStopping);
  stage.keeper->whenSettled().wait(stage.io.waitScope);
  auto refused = stage.await(stage.submission("late"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == Reason::DRAINING);
  stage.restart();
  CHECK(stage.fate(sent).reason == Reason::DAEMON_STOPPING);
  for (int i = 0; i < 2; ++i) stage.exit(*stage.next(), 0);
  CHECK(stage.fate(unsent).status == 0);
  CHECK(stage.fate(waiting).status == 0);
  CHECK(stage.hosts.starts["sent"] == 1);
}

TEST_CASE("jobs beyond the capacity are refused with the facts") {
  JobStage stage({.core = 1, .max = 1}, {.capacity = 2});
  stage.submit("first");
  stage.submit("second");
  auto third = stage.await(stage.submission("third"));
  REQUIRE_FALSE(third);
  CHECK(third.error().reason == Reason::QUEUE_FULL);
  CHECK(third.error().fact("capacity") == "2");
  CHECK(stage.keeper->figures().rejected == 1);
  CHECK(stage.keeper->figures().rejections.at(Reason::QUEUE_FULL) == 1);
  stage.exit(*stage.next(), 0);
  stage.until([&]() { return stage.keeper->figures().ended == 1; });
  stage.submit("fourth");
}

TEST_CASE("submitting twice with one idempotency key runs once, also across a restart") {
  JobStage stage;
  auto id = stage.submit("deploy", {.key = "build-7"});
  stage.exit(*stage.next(), 0);
  stage.fate(id);
  auto again = stage.await(stage.submission("deploy", {.key = "build-7"}));
  CHECK(again->existing);
  CHECK(again->id == id);
  auto other = stage.await(stage.submission("something else", {.key = "build-7"}));
  CHECK(other.error().reason == Reason::IDEMPOTENCY_KEY_TAKEN);
  stage.restart();
  CHECK(stage.await(stage.submission("deploy", {.key = "build-7"}))->id == id);
  CHECK(stage.hosts.starts["deploy"] == 1);
}

TEST_CASE("a job whose deadline passes while it waits never starts, and one that starts has what is left") {
  JobStage stage({.core = 1, .max = 1});
  auto now = timeOfDayMs(kj::systemPreciseCalendarClock());
  auto running = stage.submit("running", {.deadlineMs = now + 3'600'000});
  auto command = stage.next();
  CHECK(command->timeoutMs > 3'000'000);
  CHECK(command->timeoutMs <= 3'600'000);
  auto waiting = stage.submit("waiting", {.deadlineMs = now + 50});
  auto fate = stage.fate(waiting);
  CHECK(fate.state == State::NOT_SENT);
  CHECK(fate.reason == Reason::WAIT_TIMED_OUT);
  stage.exit(*command, 0);
  stage.fate(running);
  CHECK(stage.hosts.starts["waiting"] == 0);
}

TEST_CASE("waiting for any of several ends with the first, waiting for all with the last") {
  JobStage stage;
  auto first = stage.submit("first"), second = stage.submit("second");
  auto any = stage.keeper->await({first, second}, true, 20 * kj::SECONDS).promise();
  auto all = stage.keeper->await({first, second}, false, 20 * kj::SECONDS).promise();
  auto command = stage.next();
  CHECK_FALSE(any.poll(stage.io.waitScope));
  stage.exit(*command, 0);
  CHECK(any.wait(stage.io.waitScope)->done);
  CHECK_FALSE(all.poll(stage.io.waitScope));
  stage.exit(*stage.next(), 0);
  auto awaited = all.wait(stage.io.waitScope);
  CHECK(awaited->done);
  CHECK(awaited->jobs[0].id == first);
  CHECK(awaited->jobs[1].state == JobState::ENDED);
  auto third = stage.submit("third");
  CHECK_FALSE(stage.await(stage.keeper->await({third}, false, 0 * kj::SECONDS))->done);
}

TEST_CASE("a target that makes no sense any more ends its job without an attempt being sent") {
  JobStage stage;
  stage.hosts.refusal = Error{ErrorKind::USAGE, Reason::BAD_TARGET, ""};
  auto id = stage.submit("true", {.retries = 3});
  CHECK(stage.fate(id).reason == Reason::BAD_TARGET);
  CHECK(stage.hosts.starts["true"] == 1);
}

TEST_CASE("whoever runs a job and forgets it leaves its fate unknown, and its lane free") {
  JobStage stage({.core = 1, .max = 1});
  auto id = stage.submit("first");
  {
    auto command = stage.next();
    command->told->reject(KJ_EXCEPTION(DISCONNECTED, "the engine has died"));
  }
  CHECK(stage.fate(id).state == State::UNKNOWN);
  auto next = stage.submit("second");
  CHECK(stage.next()->line == "second");
}

TEST_CASE("without a folder jobs are refused, and nothing is left behind") {
  JobStage stage;
  stage.keeper = std::make_unique<JobKeeper>(stage.loop, kj::systemPreciseCalendarClock(), *stage.queue, stage.hosts,
                                             "", JobLimits{});
  auto added = stage.await(stage.submission("true"));
  REQUIRE_FALSE(added);
  CHECK(added.error().reason == Reason::JOURNAL_UNAVAILABLE);
  CHECK(stage.await(stage.keeper->list({}))->empty());
}

TEST_CASE("a submission that nobody waits for any more is a job all the same") {
  JobStage stage;
  { auto dropped = stage.submission("true"); }
  CHECK(stage.next()->line == "true");
}

TEST_CASE("a job's own and its caller's other jobs of another caller take turns") {
  JobStage stage({.core = 1, .max = 1});
  for (int i = 0; i < 20; ++i) stage.submit("many", {.caller = "a"});
  auto command = stage.next();
  stage.submit("one", {.caller = "b"});
  stage.exit(*command, 0);
  std::vector<std::string> order;
  for (int i = 0; i < 2; ++i) {
    auto started = stage.next();
    order.push_back(started->line);
    stage.exit(*started, 0);
  }
  CHECK(std::find(order.begin(), order.end(), "one") != order.end());
}

}  // namespace
}  // namespace cbs::queue
