@0xe8a40d6f15b93c72;
# CLI ↔ daemon, over the daemon's Unix socket.
#
# A client may send `hello` and its first request in one go (promise pipelining): if the versions do not match, both fail with the
# same error and nothing has been done.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cbs::schema");
using Types = import "types.capnp";
using Transfer = import "transfer.capnp";
using Engine = import "engine.capnp";
using Fan = import "fan_out.capnp";

const protocolVersion :UInt32 = 3;
# Raised by changes that an older peer would misunderstand. Additions do not raise it.

interface Door {
  # What a connection to the socket offers first.
  hello @0 (client :PeerInfo) -> (daemon :PeerInfo, error :Types.Error, agent :Agent);
  # `error` has kind agentUnreachable and reason versionMismatch if the protocol versions differ; `agent` is null then, and `daemon` still says
  # who answers. A connection that has not said hello within ten seconds is closed.
}

struct PeerInfo {
  protocol @0 :UInt32;       # protocolVersion
  version @1 :Text;          # of the program
  pid @2 :UInt32;
}

interface Agent {
  exec @0 (request :ExecRequest, output :Types.OutputSink) -> (command :Types.Command);
  transfer @1 (request :TransferRequest, observer :Transfer.TransferObserver) -> (transfer :Transfer.Transfer);
  list @2 (request :ListRequest, observer :Transfer.ListingObserver) -> (listing :Transfer.Transfer);
  # These three return at once; errors come with the outcome.

  stats @3 () -> (stats :Stats);
  connections @4 () -> (connections :List(Types.ConnectionInfo));
  health @5 () -> (health :Health);
  stop @6 (graceMs :UInt64) -> ();
  # The daemon takes no more work, gives what runs `graceMs` to end, cancels the rest and exits. Returns when it has begun.

  explain @7 (target :Text, caller :CallerContext) -> (explanation :Explanation);
  disconnect @8 (target :Text, caller :CallerContext, all :Bool, now :Bool) -> (closed :UInt32, leaving :UInt32, error :Types.Error);
  resetBreaker @9 (target :Text, caller :CallerContext, all :Bool) -> (hosts :UInt32, error :Types.Error);
  # As in the engine, for a target or for all.
  drain @10 (limitMs :UInt64) -> ();
  # The daemon takes no new work, lets what it has accepted run to its end, and exits, after `limitMs` as with stop. Callers can
  # still ask how it is doing. Returns when it has begun.
  reload @11 () -> (changes :List(Change), faults :List(ConfigFault));
  # Reads the configuration again. If it has faults, nothing changes. No connection is dropped and no command is cancelled.

  submit @12 (request :JobRequest) -> (id :Text, existing :Bool, error :Types.Error);
  # Returns when the job is durable: from then on it runs, whatever becomes of the caller and of the daemon. `existing`: there is one of
  # the same idempotency key already, and its id is given. Errors: usage (badTarget, badRequest, jobNotFound, idempotencyKeyTaken),
  # overloaded (queueFull, journalUnavailable, draining).
  jobs @13 (filter :JobFilter) -> (jobs :List(JobInfo), more :Bool, error :Types.Error);
  # The youngest first, in one answer at most as many as fit into some 16 MiB. `more`: there are older ones that the filter lets through.
  awaitJobs @14 (jobs :List(Text), any :Bool, waitMs :UInt64) -> (jobs :List(JobInfo), done :Bool, error :Types.Error);
  # `jobs` are ids, or names: the youngest job of that name; at most 10,000, here and below. Of more than 1,000 the answer leaves out
  # command, labels and idempotencyKey. Returns them in that order when all of them have ended (`any`: one of them),
  # or after `waitMs`, at most a minute, with `done` false: then it is to be called again. Fails with usage/jobNotFound (fact `job`).
  readLog @15 (job :Text, attempt :UInt32, offset :UInt64, waitMs :UInt64) -> (log :LogPart, error :Types.Error);
  # What a job has printed, from `offset` on: 0, or the `next` of an earlier part of the same `attempt`. If there is nothing yet, waits
  # until there is, the job has ended, or `waitMs` have passed, at most a minute.
  cancelJobs @16 (jobs :List(Text)) -> (results :List(Cancelled), error :Types.Error);
  # Jobs that wait are ended at once, durably. Those that run are signalled, as with Command.cancel, and end by themselves. All or, if one
  # of them is not there, none.

  hosts @17 (limit :UInt32) -> (hosts :List(Engine.HostFigures));
  # As in the engine: the busiest.
  replace @18 () -> (pid :UInt32, error :Types.Error);
  # Starts the daemon's program anew, as it is on disk now, and gives it the socket and the jobs. Returns when the new one serves, whose pid
  # it tells; this one ends when the callers that it has are served. On an error nothing has changed.
  details @19 () -> (details :HealthDetails);

  fanOut @20 (request :FanOutRequest, observer :Fan.FanOutObserver) -> (fanOut :Fan.FanOut);
  # Does the same on many hosts. Fails with usage/badRequest, as an exception, if the request makes no sense as a whole; else returns at
  # once, and what becomes of each host comes through `observer`.
  submitAll @21 (request :JobRequest, targets :List(Text)) -> (submissions :List(Submission));
  # A job for each target, whose own is left empty: as `submit` for each of them, in that order. An idempotency key counts for each
  # target by itself.
}

struct ExecRequest {
  target @0 :Text;                # [user@]host[:port]
  spec @1 :Types.CommandSpec;
  connectTimeoutMs @2 :UInt64;    # 0: as configured
  idempotent @3 :Bool;            # may be sent again even if it may have started
  retries @4 :UInt32;             # further attempts at reaching the host
  caller @5 :CallerContext;
  terminal @6 :Types.CommandSpec.Terminal;  # the caller's, to be used if ssh_config asks for one (RequestTTY yes, force)
  priority @7 :Types.Priority;
  sshOptions @8 :List(Text);      # as of ssh -o: `Keyword=value` of ssh_config(5), which go before what the configuration says; at most 100.
                                  # Those that can name programs or files are for the daemon's own user and root alone
  sshConfigFile @9 :Text;         # as of ssh -F, absolute, or `none`; empty: as configured. For the same two alone
}

struct FanOutRequest {
  # What is to be done on many hosts, and how.
  targets @0 :List(Text);         # each as ExecRequest.target; at least one, at most maxFanOutTargets
  work :union {
    exec @1 :ExecRequest;         # for all of them: without target and terminal. `spec.timeoutMs` counts for each from its turn on
    upload :group {
      sources @2 :Fan.FileSources;
      path @3 :Data;              # relative ones and `~/` begin at the home directory
      options @4 :Transfer.TransferOptions;
      connectTimeoutMs @5 :UInt64;
      caller @6 :CallerContext;
    }
  }
  input @7 :Data;                 # standard input of each command that forwards it, at most 16 MiB
  atOnce @8 :UInt32;              # hosts; 0: as configured (fan_out.at_once); never more than fan_out.pool_size
  batch @9 :UInt32;               # hosts, which all end before the next ones begin; 0: none
  maxFailures @10 :UInt32 = 0xffffffff;  # once more hosts than this have failed, none begins any more (cancelled/failuresExceeded)
  delayMs @11 :UInt64;            # between the beginnings of two hosts, or of two batches
  deadlineMs @12 :UInt64;         # for all together, from now on; 0: none. What has not begun then never will (timedOut/waitTimedOut)
}

const maxFanOutTargets :UInt32 = 250000;
# As many names of 100 bytes as a message has room for.

struct Submission {
  id @0 :Text;                    # as submit gives them
  existing @1 :Bool;
  error @2 :Types.Error;
}

struct JobRequest {
  # A command that outlives its caller.
  exec @0 :ExecRequest;           # without terminal, standard input and prompter. `spec.timeoutMs` counts from the moment at which it has its
                                  # lane, in each attempt anew. `retries` are further attempts after one that was provably not sent, or if
                                  # `idempotent` one whose fate is unknown, with growing pauses
  name @1 :Text;                  # need not be unique; up to 64 of A-Z a-z 0-9 . _ -, and no id
  labels @2 :List(Label);         # at most 32
  after @3 :List(Text);           # ids or names of jobs that must have exited with 0 before; if one ends otherwise, this one is cancelled
  afterAny @4 :List(Text);        # those that must have ended before, however; of both together at most 64
  idempotencyKey @5 :Text;        # of the caller's choice, up to 128 bytes; empty: none
  deadlineMs @6 :UInt64;          # from submission to the end; 0: none. Whatever waits then never runs
}

struct Label {
  name @0 :Text;                  # up to 64 of A-Z a-z 0-9 . _ - /
  value @1 :Text;                 # up to 128 bytes
}

enum JobState {
  queued @0;                      # for its turn
  waiting @1;                     # for other jobs, or for the pause before another attempt
  running @2;
  ended @3;
}

struct JobFilter {
  # Which jobs; all that is given must fit.
  jobs @0 :List(Text);            # ids or names; empty: all
  states @1 :List(JobState);      # empty: all
  labels @2 :List(Label);         # a label with an empty value fits any value
  target @3 :Text;                # as it was given at submission
  limit @4 :UInt32;               # how many; 0 and more than 10,000 mean 10,000
  before @5 :Text;                # an id: only older ones
  failed @6 :Bool;                # only those that ended in another way than with status 0
}

struct JobInfo {
  id @0 :Text;                    # sixteen characters that sort by the time of submission
  name @1 :Text;
  labels @2 :List(Label);
  target @3 :Text;
  command @4 :Text;               # one line, for people
  state @5 :JobState;
  priority @6 :Types.Priority;
  idempotent @7 :Bool;
  idempotencyKey @8 :Text;
  after @9 :List(Text);           # ids of jobs that it still waits for
  submittedMs @10 :UInt64;        # times of day
  startedMs @11 :UInt64;          # of the last attempt; 0: there was none
  endedMs @12 :UInt64;            # 0: it has not ended
  notBeforeMs @13 :UInt64;        # when the next attempt is due; 0: at once
  deadlineMs @14 :UInt64;         # time of day; 0: none
  attempts @15 :UInt32;           # that were begun
  outcome @16 :Types.Outcome;     # of a job that has ended
  logBytes @17 :UInt64;           # of its output that are kept
  logDroppedBytes @18 :UInt64;    # of its output that are not, as there was too much of it or no room
}

struct LogPart {
  chunks @0 :List(Chunk);         # up to 256 KiB
  next @1 :UInt64;                # where the next part begins
  attempt @2 :UInt32;             # whose output it is; if it is not the one that was asked for, the part begins at its beginning
  complete @3 :Bool;              # there is nothing more to come
  droppedBytes @4 :UInt64;        # as JobInfo.logDroppedBytes

  struct Chunk {
    stream @0 :Types.OutputStream;
    timeMs @1 :UInt64;            # when it came
    bytes @2 :Data;
  }
}

struct Cancelled {
  id @0 :Text;
  what @1 :What;

  enum What {
    removed @0;                   # it waited, and will never run
    signalled @1;                 # it runs, and was told to end
    hadEnded @2;
  }
}

struct Change {
  key @0 :Text;
  before @1 :Text;
  after @2 :Text;
  atRestart @3 :Bool;             # it has no effect before the daemon is started again
}

struct ConfigFault {
  file @0 :Text;                  # empty: none
  line @1 :UInt32;
  column @2 :UInt32;
  key @3 :Text;
  text @4 :Text;
}

struct Explanation {
  # What would happen with a target, and why.
  error @0 :Types.Error;          # why nothing is known of it; kind `none` otherwise
  target @1 :Text;
  host @2 :Engine.ResolvedHost;
  keys @3 :List(Engine.Identity.PublicKey);   # in the order in which they are offered
  keysError @4 :Types.Error;
  hostKeyAlgorithms @5 :List(Text);   # those of known keys; if there are none, all that would be accepted
  hostKeysKnown @6 :Bool;         # known_hosts has a key for it, or an authority for its certificates
  hostKeysError @7 :Types.Error;
  engine @8 :Engine.HostReport;
  settings @9 :List(Setting);     # every keyword of ssh_config that is honoured
  settingsError @10 :Types.Error; # why there are none

  struct Setting {
    keyword @0 :Text;             # as ssh_config(5) spells it; IdentityFile, CertificateFile, SendEnv and SetEnv have one for each value
    value @1 :Text;               # as `ssh -G` prints it; empty: none
    file @2 :Text;
    line @3 :UInt32;              # 0: it is not from a file
    origin @4 :Origin;
  }
  enum Origin {
    default @0;                   # ssh's own
    target @1;                    # user@, :port, or the name itself
    file @2;
    unknown @3;                   # none that can be told, such as a canonical host name
  }
}

struct CallerContext {
  # What the caller's surroundings say and the daemon cannot know.
  authSock @0 :Text;              # SSH_AUTH_SOCK
  prompter @1 :Types.Prompter;    # asks the person at the caller's terminal; null: there is none
  askPass @2 :Bool;               # for passwords and keyboard-interactive as well, not for passphrases alone
  environment @3 :List(Types.CommandSpec.Variable);  # for SendEnv and IdentityAgent to choose from
}

struct RemotePlace {
  target @0 :Text;
  paths @1 :List(Data);           # relative ones and `~/` begin at the home directory
}

struct TransferRequest {
  # Files and folders of a caller's or of a host's, and where they go: to a caller or to a host.
  from :union {
    caller @0 :Transfer.FileSource;
    host @1 :RemotePlace;         # paths may be patterns; with a slash at the end, the contents of a folder
  }
  to :union {
    caller @2 :Transfer.FileSink;
    host @3 :RemotePlace;         # with one path
  }
  options @4 :Transfer.TransferOptions;
  connectTimeoutMs @5 :UInt64;
  caller @6 :CallerContext;
}

struct ListRequest {
  place @0 :RemotePlace;          # paths may be patterns
  itself @1 :Bool;                # of a folder that, instead of what is in it
  connectTimeoutMs @2 :UInt64;
  caller @3 :CallerContext;
}

struct Stats {
  daemon @0 :PeerInfo;
  uptimeMs @1 :UInt64;
  engine @2 :Engine.EngineStats;
  queue @3 :QueueStats;
  process @4 :ProcessStats;
  callers @5 :UInt32;             # connections to the socket
  latency @6 :LatencyStats;       # of commands, from the exec request to the status
  limits @7 :Limits;
  commandTimes @8 :Engine.EngineStats.Durations;   # the same as `latency`, with buckets
  queueWaits @9 :Engine.EngineStats.Durations;     # for a lane, of all that got one
  outcomes @10 :List(OutcomeCount);                # of commands and of jobs' attempts
  conditions @11 :List(Health.Condition);          # as in Health

  struct OutcomeCount {
    outcome @0 :Text;             # succeeded (status 0), failed (another one), signalled, notSent or unknown
    count @1 :UInt64;
  }
  struct QueueStats {
    active @0 :UInt32;            # lanes at work
    depth @1 :UInt32;             # commands that wait
    accepted @2 :UInt64;
    rejected @3 :UInt64;
    expired @4 :UInt64;           # deadline passed while waiting
    lanes @5 :UInt32;
    jobsWaiting @6 :UInt64;       # for a lane, for other jobs or for another attempt
    jobsRunning @7 :UInt64;
    jobsEnded @8 :UInt64;         # since the daemon's start
    jobsRejected @9 :UInt64;
    rejections @10 :List(Rejection);   # `rejected` by what it was for; all reasons are there
    fanOuts @11 :UInt32;               # under way
    fanOutHostsRunning @12 :UInt32;    # lanes of fan-outs at work; not among `active`
    fanOutHostsWaiting @13 :UInt64;
    fanOutHostsEnded @14 :UInt64;      # since the daemon's start

    struct Rejection {
      reason @0 :Types.Reason;
      count @1 :UInt64;
    }
  }
  struct ProcessStats {
    residentBytes @0 :UInt64;
    cpuMs @1 :UInt64;
    openDescriptors @2 :UInt32;
    maxDescriptors @3 :UInt32;
    threads @4 :UInt32;
    loopLagP99Us @5 :UInt64;      # event-loop lag over the last minute
    loopLagMaxUs @6 :UInt64;
    startedMs @7 :UInt64;         # time of day
    virtualBytes @8 :UInt64;
    heapBytes @9 :UInt64;         # in use by the allocator
  }
  struct LatencyStats {
    count @0 :UInt64;
    p50Us @1 :UInt64;
    p90Us @2 :UInt64;
    p99Us @3 :UInt64;
  }
  struct Limits {
    maxConnections @0 :UInt32;
    maxConnectionsPerHost @1 :UInt32;
    corePoolSize @2 :UInt32;
    maxPoolSize @3 :UInt32;
    queueCapacity @4 :UInt32;
    profile @5 :Text;
  }
}

struct Health {
  status @0 :Status;
  conditions @1 :List(Condition);   # those that are not in order; empty when healthy

  enum Status {
    healthy @0;
    degraded @1;
    down @2;
  }
  struct Condition {
    code @0 :Text;                # stable, e.g. `descriptorsNearlyUsed`
    severity @1 :Status;
    text @2 :Text;                # one sentence: what is
    sinceMs @3 :UInt64;           # time of day
    next @4 :Text;                # what to do about it
  }
}

struct HealthDetails {
  # What /api/health/details answers with, as JSON (packaging/health-details.schema.json).
  status @0 :Health.Status;
  conditions @1 :List(Health.Condition);
  pool @2 :Engine.EngineStats;
  queue @3 :Stats.QueueStats;
  process @4 :Stats.ProcessStats;
  limits @5 :Stats.Limits;
  breakers @6 :List(Engine.BreakerInfo);   # that are not closed
  breakersLeftOut @7 :UInt32;              # as there are too many of them
  daemon @8 :PeerInfo;
  uptimeMs @9 :UInt64;
}
