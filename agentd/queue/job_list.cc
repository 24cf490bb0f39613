#include "agentd/queue/job_list.h"

#include "agentd/queue/job_rows.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cbs::queue {
namespace {

// What a job must be like, with the texts that the parameters stand for.
class Conditions {
 public:
  void add(const std::string& condition, std::vector<std::string> values = {}) {
    text_ += (text_.empty() ? "WHERE " : " AND ") + condition;
    for (auto& value : values) values_.push_back(std::move(value));
  }
  const std::string& text() const { return text_; }
  void bindTo(Statement& statement) const {
    for (const auto& value : values_) statement.text(value);
  }

 private:
  std::string text_;
  std::vector<std::string> values_;
};

std::string separated(const std::vector<uint64_t>& numbers) {
  std::string text;
  for (uint64_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

// One parameter for any number of them.
void addJobs(Database& database, const std::vector<std::string>& idsOrNames, Conditions& conditions) {
  if (idsOrNames.empty()) return;
  std::vector<uint64_t> numbers;
  for (const auto& idOrName : idsOrNames) {
    if (auto number = numberOfJob(database, idOrName)) numbers.push_back(*number);
  }
  conditions.add("number IN (SELECT value FROM json_each(?))", {"[" + separated(numbers) + "]"});
}

// With the words of the index of those that have not ended, where that helps.
void addStates(const std::vector<schema::JobState>& states, Conditions& conditions) {
  if (states.empty()) return;
  std::vector<uint64_t> numbers;
  for (auto state : states) numbers.push_back(static_cast<uint64_t>(state));
  bool withEnded = std::find(states.begin(), states.end(), schema::JobState::ENDED) != states.end();
  if (!withEnded) conditions.add("state <> 3");
  conditions.add("state IN (" + separated(numbers) + ")");
}

void addLabel(const std::pair<std::string, std::string>& label, Conditions& conditions) {
  if (label.second.empty()) {
    conditions.add("number IN (SELECT job FROM labels WHERE name = ?)", {label.first});
  } else {
    conditions.add("number IN (SELECT job FROM labels WHERE name = ? AND value = ?)", {label.first, label.second});
  }
}

Conditions conditionsOf(Database& database, const JobQuery& query) {
  Conditions conditions;
  addJobs(database, query.jobs, conditions);
  addStates(query.states, conditions);
  for (const auto& label : query.labels) addLabel(label, conditions);
  if (!query.target.empty()) conditions.add("target = ?", {query.target});
  if (!query.before.empty()) conditions.add("id < ?", {query.before});
  if (query.failed) conditions.add("state = 3 AND succeeded = 0");
  return conditions;
}

}  // namespace

// First which, then what is in them: so little is sorted, however many fit.
std::vector<Job> listJobs(Database& database, const JobQuery& query) {
  auto conditions = conditionsOf(database, query);
  std::string which = "SELECT number FROM jobs " + conditions.text() + " ORDER BY id DESC LIMIT ?";
  auto rows = database.prepareOnce("SELECT " + kColumnsOfJobs + "WHERE number IN (" + which + ") ORDER BY id DESC");
  conditions.bindTo(rows);
  rows.number(std::min<uint64_t>(query.limit, INT64_MAX));
  return jobsIn(database, rows);
}

}  // namespace cbs::queue
