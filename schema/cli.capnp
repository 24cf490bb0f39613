@0xce8d586a6753a20a;
# What `cbsession … --output json` prints, beside the structs that the daemon itself answers with (Stats, Health).
#
# 64-bit integers are printed as numbers, enums by their names, a list of facts or of labels as one object. A field is
# never renamed or removed.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cbs::schema");
using Json = import "/capnp/compat/json.capnp";
using Types = import "types.capnp";
using Agent = import "agent.capnp";

struct Failure {
  # What went wrong; the same that the sentence on standard error says.
  kind @0 :Types.ErrorKind;
  reason @1 :Types.Reason;
  message @2 :Text;             # the sentence
  next @3 :Text;                # what to do about it; empty where nothing is known
  detail @4 :Text;              # words of the system or library that failed
  facts @5 :List(Types.Fact);
}

struct FailureReport {
  # Printed by commands that have no other result when they fail.
  error @0 :Failure;
}

struct ExecResult {
  target @0 :Text;
  status @1 :Int32;             # what cbsession exits with
  outcome :union $Json.flatten() $Json.discriminator(name = "state") {
    notSent @2 :Void;
    exited :group $Json.flatten() {
      exitCode @3 :Int32;
    }
    signalled :group $Json.flatten() {
      signal @4 :Text;
      coreDumped @5 :Bool;
    }
    unknown @6 :Void;
  }
  error @7 :Failure;            # absent where there was none
  stdout @8 :Text;
  stderr @9 :Text;
  stdoutBase64 @10 :Bool;       # what was printed is not UTF-8, so `stdout` is base64 of it
  stderrBase64 @11 :Bool;
  stdoutTruncated @12 :Bool;    # there was more than cbsession keeps
  stderrTruncated @13 :Bool;
  stdoutBytes @14 :UInt64;
  stderrBytes @15 :UInt64;
  reusedConnection @16 :Bool;
  attempts @17 :UInt32;
  times @18 :Types.PhaseTimes;
}

struct TransferReport {
  target @0 :Text;
  localPath @1 :Text;
  remotePath @2 :Text;
  bytes @3 :UInt64;
  mode @4 :Text;                # octal
  error @5 :Failure;            # absent where there was none
  times @6 :Types.PhaseTimes;
}

struct SubmitReport {
  id @0 :Text;
  existing @1 :Bool;            # it was there already, by its idempotency key
}

struct JobReport {
  # As Agent.JobInfo, with labels as one object, and the outcome as ExecResult has it.
  id @0 :Text;
  name @1 :Text;
  labels @2 :List(Agent.Label);
  target @3 :Text;
  command @4 :Text;
  commandBase64 @5 :Bool;       # it is not UTF-8, so `command` is base64 of it
  state @6 :Agent.JobState;
  priority @7 :Types.Priority;
  idempotent @8 :Bool;
  idempotencyKey @9 :Text;
  after @10 :List(Text);
  submittedMs @11 :UInt64;
  startedMs @12 :UInt64;
  endedMs @13 :UInt64;
  notBeforeMs @14 :UInt64;
  deadlineMs @15 :UInt64;
  attempts @16 :UInt32;
  logBytes @17 :UInt64;
  logDroppedBytes @18 :UInt64;
  outcome @19 :JobOutcome;      # absent until it has ended
}

struct JobOutcome {
  status @0 :Int32;             # what `cbsession wait` exits with
  outcome :union $Json.flatten() $Json.discriminator(name = "state") {
    notSent @1 :Void;
    exited :group $Json.flatten() {
      exitCode @2 :Int32;
    }
    signalled :group $Json.flatten() {
      signal @3 :Text;
      coreDumped @4 :Bool;
    }
    unknown @5 :Void;
  }
  error @6 :Failure;            # absent where there was none
  stdoutBytes @7 :UInt64;
  stderrBytes @8 :UInt64;
  reusedConnection @9 :Bool;
  attempts @10 :UInt32;         # how often a connection was tried in the last attempt
  times @11 :Types.PhaseTimes;
}

struct JobsReport {
  jobs @0 :List(JobReport);
  more @1 :Bool;                # there are older ones
}

struct LogReport {
  job @0 :Text;                 # its id
  attempt @1 :UInt32;           # 0: there was none
  complete @2 :Bool;            # there is nothing more to come
  stdout @3 :Text;
  stderr @4 :Text;
  stdoutBase64 @5 :Bool;
  stderrBase64 @6 :Bool;
  stdoutTruncated @7 :Bool;     # there was more than cbsession shows
  stderrTruncated @8 :Bool;
  droppedBytes @9 :UInt64;      # that the daemon has not kept
}

struct CancelReport {
  cancelled @0 :List(Cancelled);

  struct Cancelled {
    id @0 :Text;
    what @1 :Agent.Cancelled.What;
    job @2 :JobReport;          # as it was then, or with --wait when all had ended
  }
}

struct ConnectionsReport {
  connections @0 :List(Types.ConnectionInfo);
}

struct DisconnectReport {
  closed @0 :UInt32;
  leaving @1 :UInt32;           # those that close when nothing uses them any longer
}

struct BreakerReport {
  hosts @0 :UInt32;             # that had failures to forget
}

struct ReloadReport {
  changes @0 :List(Agent.Change);
  faults @1 :List(Agent.ConfigFault);   # then nothing has changed
}

struct AgentReport {
  running @0 :Bool;
  pid @1 :UInt32;
  version @2 :Text;
  socket @3 :Text;
  uptimeMs @4 :UInt64;
}

struct VersionReport {
  version @0 :Text;
  protocol @1 :UInt32;
}

struct ConfigReport {
  values @0 :List(Value);
  faults @1 :List(Fault);

  struct Value {
    key @0 :Text;
    value @1 :Text;
    origin @2 :Text;            # default, file:line, or the name of an environment variable
  }
  struct Fault {
    file @0 :Text;
    line @1 :UInt32;
    key @2 :Text;
    text @3 :Text;
  }
}
