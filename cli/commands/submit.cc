#include "cli/commands/commands.h"
#include "cli/daemon/reach.h"
#include "cli/exec/command_options.h"
#include "cli/jobs/submit_many.h"
#include "cli/nodes/targets.h"
#include "cli/output/print.h"
#include "common/json.h"
#include "schema/cli.capnp.h"

#include <capnp/message.h>

namespace cbs::cli {
namespace {

const char* const kDescription =
    "Have a command run as a job: it waits for its turn in the daemon, and goes on whatever becomes of this "
    "program and of the daemon. Its id is printed as soon as the job is on disk; jobs, wait, logs and cancel take "
    "it, or its name.\n\n"
    "COMMAND is as for exec. It has no standard input and no terminal, and nobody is asked for a password or "
    "passphrase.\n\n"
    "If TARGET is a node set, such as web[1-9],db1 or @group, each of its hosts gets a job of its own: their ids are "
    "printed one a line, in the order of the hosts.";

const char* const kExamples =
    "  cbsession submit web1 'make -C /srv/app'\n"
    "  id=$(cbsession submit --name backup db1 -- pg_dump -f /var/tmp/app.sql app)\n"
    "  cbsession submit --after \"$id\" db1 'gzip /var/tmp/app.sql'\n"
    "  cbsession submit --retries 5 --deadline 1h -l team=web web1 ./deploy\n"
    "  cbsession submit --idempotency-key build-4711 web1 ./build    twice: one job\n"
    "  cbsession submit -l deploy=42 @web ./deploy && cbsession wait -l deploy=42\n";

// The options as they are typed, before they mean something.
struct Typed {
  TypedCommand command;
  std::string deadline;
  std::vector<std::string> labels;
  std::string hostsFile;
};

void addOptions(CLI::App& app, SubmitOptions& options, Typed& typed) {
  addCommandOptions(app, options.exec, typed.command, "End each attempt so long after its turn has come");
  app.get_option("TARGET")
      ->required(false)  // as there is --hosts-file
      ->description("[user@]host[:port], an alias from ssh_config, or a node set");
  app.add_option("--hosts-file", typed.hostsFile, "Instead of TARGET, the hosts of a file, a node set a line; -: stdin")
      ->type_name("FILE");
  addNumber(app, "--retries", options.exec.retries, "Further attempts, with growing pauses");
  app.add_option("--name", options.name, "A name, for people; need not be unique")->type_name("NAME");
  app.add_option("-l,--label", typed.labels, "A label, to find it by")->type_name("K=V")->allow_extra_args(false);
  app.add_option("--after", options.after, "Start once this job has exited with 0")
      ->type_name("JOB")
      ->allow_extra_args(false);
  app.add_option("--after-any", options.afterAny, "Start once this job has ended, however")
      ->type_name("JOB")
      ->allow_extra_args(false);
  app.add_option("--idempotency-key", options.idempotencyKey, "Submit it once, however often this is said")
      ->type_name("KEY");
  app.add_option("--deadline", typed.deadline, "End it after this time, waiting included")->type_name("DUR");
}

// What is wrong with options that were given without a value that means something, or "".
std::string findEmpty(const CLI::App& app, const SubmitOptions& options) {
  if (app.count("--name") > 0 && options.name.empty()) return "--name: expected a name, not ''";
  if (app.count("--deadline") > 0 && options.deadlineMs == 0) return "--deadline: expected a time longer than 0";
  if (auto problem = checkJobs("--after", options.after); !problem.empty()) return problem;
  return checkJobs("--after-any", options.afterAny);
}

// What is wrong with the options, or "".
std::string understand(const CLI::App& app, const Typed& typed, SubmitOptions& options) {
  if (auto problem = readCommandOptions(typed.command, options.exec); !problem.empty()) return problem;
  if (auto problem = readDuration("--deadline", typed.deadline, options.deadlineMs); !problem.empty()) return problem;
  if (auto problem = findEmpty(app, options); !problem.empty()) return problem;
  auto labels = readLabels(typed.labels);
  if (!labels) return "--label: " + labels.error();
  options.labels = std::move(*labels);
  if (options.exec.command.empty()) return "COMMAND is required";
  return "";
}

void printJson(capnp::Text::Reader id, bool existing) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<schema::SubmitReport>();
  report.setId(id);
  report.setExisting(existing);
  print(toJson<schema::SubmitReport>(report));
}

int report(schema::Agent::SubmitResults::Reader answer, const SubmitOptions& options, bool json) {
  Error error = decode(answer.getError());
  if (error.reason == Reason::BAD_REQUEST) error.facts.push_back({"command", "submit"});
  if (error.kind != ErrorKind::NONE) return reportFailure(error, subjectOfSubmission(error, options.exec.target), json);
  std::string id = answer.getId().cStr();
  if (json) return printJson(answer.getId(), answer.getExisting()), 0;
  if (answer.getExisting()) printError("cbsession: there is a job of this idempotency key already: " + id + "\n");
  print(id + "\n");
  return 0;
}

int submitOne(Session& session, const SubmitOptions& options, bool json) {
  auto request = session.agent().submitRequest();
  describeJob(options, request.initRequest());
  auto answer = session.ask(request.send());
  if (!answer) return reportFailure(unanswered(std::move(answer.error())), "", json);
  return report(*answer, options, json);
}

// `targets`: nullptr for the one of the options.
int submit(const SubmitOptions& options, const Targets* targets, const CommonOptions& common) {
  auto reached = reachDaemon(common.place());
  if (!reached) return reportFailure(reached.error(), "", common.json());
  Session session(kj::mv(reached->socket));
  if (targets == nullptr) return submitOne(session, options, common.json());
  return submitMany(session, options, targets->names, common.json());
}

}  // namespace

int runSubmit(Arguments arguments) {
  SubmitOptions options;
  Typed typed;
  CommandLine line("submit", kDescription, kExamples);
  addOptions(line.app(), options, typed);
  line.addCommonOptions();
  options.exec.command = line.splitRemoteCommand(arguments, "--hosts-file");
  if (auto code = line.parse(std::move(arguments))) return *code;
  if (auto problem = understand(line.app(), typed, options); !problem.empty()) return line.complain(problem);
  const bool fromFile = !typed.hostsFile.empty();
  if (!fromFile && options.exec.target.empty()) return line.complain("TARGET is required (or --hosts-file)");
  if (!fromFile && !isNodeSet(options.exec.target)) return submit(options, nullptr, line.common());
  auto targets = fromFile ? readHostsFile(typed.hostsFile) : readTargets(options.exec.target);
  if (!targets) return line.complain(targets.error());
  options.exec.target.clear();  // each job has its own
  return submit(options, &*targets, line.common());
}

}  // namespace cbs::cli
