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
using Transfer = import "transfer.capnp";

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
  id @19 :Text;                 # by which the daemon's logs know the command; absent if it never got there
  event @20 :Text;              # with ndjson: "ended", and the output has been told before; absent with json
}

struct FanOutReport {
  # What `exec` on many targets prints. It is printed piece by piece: outputs may be larger than memory.
  results @0 :List(ExecResult);
  summary @1 :FanOutSummary;
}

struct FanOutSummary {
  event @0 :Text;               # with ndjson: "summary"; absent with json
  status @1 :Int32;             # what cbsession exits with
  hosts @2 :UInt32;
  succeeded @3 :UInt32;
  failed @4 :UInt32;
  skipped @5 :UInt32;           # that never began, as others had failed or somebody has ended it
  us @6 :UInt64;                # from the request to the last end
  outcomes @7 :List(Group);     # the most frequent first

  struct Group {
    # Hosts of which the same became.
    text @0 :Text;              # as the summary for people has it, such as `exited with 1`
    status @1 :Int32;           # what their own would exit with
    reason @2 :Types.Reason;    # unspecified: of a command that has a status
    count @3 :UInt32;
    targets @4 :Text;           # as a node set
  }
}

struct FanOutStartedEvent {
  event @0 :Text;               # "started"
  target @1 :Text;
}

struct FanOutOutputEvent {
  event @0 :Text;               # "output"
  target @1 :Text;
  stream @2 :Types.OutputStream;
  text @3 :Text;
  base64 @4 :Bool;              # it is not UTF-8, so `text` is base64 of it
}

struct FanOutUploadReport {
  results @0 :List(TransferReport);
  summary @1 :FanOutSummary;
}

struct NodesReport {
  count @0 :UInt64;
  folded @1 :Text;
  nodes @2 :List(Text);
}

struct GroupsReport {
  groups @0 :List(Group);

  struct Group {
    name @0 :Text;              # without its @
    source @1 :Text;            # that it comes from; absent: the groups file itself
    nodes @2 :Text;             # folded; absent unless they were asked for
    count @3 :UInt64;
  }
}

struct TransferPlace {
  target @0 :Text;              # the host; absent: this machine
  path @1 :Text;
  pathBase64 @2 :Bool;          # it is not UTF-8, so `path` is base64 of it
}

struct TransferReport {
  event @0 :Text;               # with ndjson: "finished"; absent with json
  from @1 :List(TransferPlace); # as they were given
  to @2 :TransferPlace;         # where it is now, absolute; as it was given if it never came to that
  dryRun @3 :Bool;              # the figures are what would have been
  bytes @4 :UInt64;             # moved
  totalBytes @5 :UInt64;        # of all files that are in place now
  resumedBytes @6 :UInt64;      # that earlier parts had
  files @7 :UInt64;             # moved
  unchanged @8 :UInt64;
  skipped @9 :UInt64;
  deleted @10 :UInt64;
  failed @11 :UInt64;
  failures @12 :List(PathFailure);   # the first 1,000
  verified @13 :List(Digest);   # with --verify; absent with ndjson, whose events have them
  streams @14 :UInt32;          # at most at once
  times @15 :Types.PhaseTimes;
  error @16 :Failure;           # absent where there was none
  id @17 :Text;                 # by which the daemon's logs know it; absent if it never got there
  status @18 :Int32;            # what cbsession exits with for it

  struct Digest {
    path @0 :Text;              # in the tree, as with events
    pathBase64 @1 :Bool;
    sha256 @2 :Text;            # hexadecimal
  }
}

struct PathFailure {
  path @0 :Text;
  pathBase64 @1 :Bool;
  error @2 :Failure;
  host @3 :Text;                # of a listing; the TARGET of the command line
}

struct TransferProgressEvent {
  event @0 :Text;               # "progress"
  bytes @1 :UInt64;             # as TransferProgress has them
  totalBytes @2 :UInt64;
  files @3 :UInt64;
  totalFiles @4 :UInt64;
  listed @5 :Bool;
  sentBytes @6 :UInt64;
  streams @7 :UInt32;
  current @8 :Text;             # absent if no file moves now
  currentBase64 @9 :Bool;
}

struct TransferEntryEvent {
  event @0 :Text;               # moved, made, unchanged, skipped, deleted, failed
  path @1 :Text;
  pathBase64 @2 :Bool;
  bytes @3 :UInt64;
  resumedBytes @4 :UInt64;
  us @5 :UInt64;
  sha256 @6 :Text;              # hexadecimal; absent if it was not verified
  error @7 :Failure;            # absent where there was none
}

struct ListedFileReport {
  host @0 :Text;                # with ndjson; the TARGET of the command line
  folder @1 :Text;              # with ndjson; absent for a path that is listed itself
  folderBase64 @2 :Bool;
  name @3 :Text;
  nameBase64 @4 :Bool;
  kind @5 :Transfer.FileKind;
  size @6 :UInt64;
  mode @7 :Text;                # octal
  mtimeS @8 :Int64;             # seconds since 1970
  uid @9 :UInt32;
  gid @10 :UInt32;
  owner @11 :Text;              # absent if the server does not say
  group @12 :Text;
  target @13 :Text;             # what a link leads to
  targetBase64 @14 :Bool;
}

struct ListFailureEvent {
  event @0 :Text;               # "failed"
  host @1 :Text;
  path @2 :Text;                # absent if the host was not listed to its end
  pathBase64 @3 :Bool;
  error @4 :Failure;
}

struct ListReport {
  listings @0 :List(Listing);
  failures @1 :List(PathFailure);
  errors @2 :List(HostFailure); # what was not listed to its end

  struct HostFailure {
    host @0 :Text;              # the TARGET of the command line
    error @1 :Failure;
  }

  struct Listing {
    host @0 :Text;
    path @1 :Text;              # absent: of paths that are listed themselves
    pathBase64 @2 :Bool;
    files @3 :List(ListedFileReport);
  }
}

struct SubmitReport {
  id @0 :Text;
  existing @1 :Bool;            # it was there already, by its idempotency key
  target @2 :Text;              # with several targets only
  error @3 :Failure;            # why there is no job; absent where there is one
}

struct SubmissionsReport {
  # What `submit` for many targets prints.
  jobs @0 :List(SubmitReport);
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
