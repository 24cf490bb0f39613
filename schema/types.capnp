@0xd3c1f0a94be7a611;
# What both doors of cbsession have in common: errors, outcomes, times and the output of a command.
#
# Figures: a field's name ends in its unit (Ms, Us, Bytes). Times of day are milliseconds since 1970-01-01 UTC.
# Names, paths, commands and arguments are bytes as POSIX has them, so they are Data wherever they need not be UTF-8.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cbs::schema");

enum ErrorKind {
  # What the caller should do about it. Exit codes, retries and circuit breakers look at this and nothing else.
  none @0;              # no error
  internal @1;          # a fault of cbsession's own: report it
  usage @2;             # the request makes no sense; nothing was sent
  agentUnreachable @3;  # no daemon answers, or it speaks another version
  unreachable @4;       # name, network, handshake; or the circuit breaker is open
  authRefused @5;       # no key was accepted
  hostKeyRefused @6;    # the host's key is unknown, changed or revoked
  overloaded @7;        # a limit of the daemon's is reached, or it is draining: try later
  timedOut @8;          # the deadline passed
  cancelled @9;         # the caller, or the daemon's end, cancelled it
  lost @10;             # the connection broke after the command was sent: its fate is unknown
  transferFailed @11;   # a file could not be read, written, moved or verified
  commandRefused @12;   # the server would not start the command
}

enum Reason {
  # What happened, as precisely as is known. New reasons are added at the end; a reader that does not know one goes by the
  # kind and the detail. An error with the fact `jumpHost` befell that host, on the way to the target.
  unspecified @0;
  # unreachable
  nameNotFound @1;
  connectionRefused @2;
  networkUnreachable @3;
  connectTimedOut @4;
  bannerInvalid @5;        # what answers is not an SSH server
  handshakeFailed @6;
  handshakeTimedOut @7;
  connectionClosed @8;     # the server closed the connection before the login was done
  breakerOpen @9;
  configUnusable @10;      # ssh_config could not be read, or asks for something that is not supported
  # authRefused
  noKey @11;               # there is no key to offer
  keysRefused @12;         # keys were offered and none was accepted
  keyUnusable @13;         # a key file cannot be read, is empty, broken or encrypted
  authTimedOut @14;
  agentUnavailable @15;    # the ssh-agent does not answer or answers nonsense
  # hostKeyRefused
  hostKeyUnknown @16;
  hostKeyChanged @17;
  hostKeyRevoked @18;
  # overloaded
  queueFull @19;
  poolFull @20;
  draining @21;
  descriptorLimit @22;
  # timedOut
  commandTimedOut @23;
  waitTimedOut @24;        # the deadline passed before the command could start
  # cancelled
  callerCancelled @25;
  callerGone @26;
  daemonStopping @27;
  # lost
  connectionLost @28;
  statusMissing @29;       # the server closed the channel in order, but sent no status
  # transferFailed
  localIo @30;
  remoteIo @31;
  noSpace @32;
  notFound @33;
  permissionDenied @34;
  isDirectory @35;
  alreadyExists @36;
  checksumMismatch @37;
  sftpUnavailable @38;     # the server has no SFTP subsystem
  # agentUnreachable
  versionMismatch @39;
  notRunning @40;
  peerRefused @41;         # the socket belongs to another user
  autostartFailed @42;
  # usage
  badTarget @43;
  badRequest @44;
  badConfig @45;
  # unreachable
  startupsExceeded @46;    # the server drops logins, as too many are under way there (MaxStartups)
  penalized @47;           # the server has shut our address out for a while (PerSourcePenalties)
  jumpRefused @48;         # the jump host does not connect to the host
  # authRefused
  passwordRefused @49;     # the server did not accept what was typed
  nobodyToAsk @50;         # something has to be typed, and there is nobody to do so
  # usage
  jobNotFound @51;         # there is no job of that id or name, or it is kept no longer
  idempotencyKeyTaken @52; # by a job that asks for something else
  # overloaded
  journalUnavailable @53;  # the journal of jobs cannot be opened or written
  # cancelled
  dependencyFailed @54;    # a job that it was to run after did not succeed
  # lost
  daemonDied @55;          # the daemon ended while the job ran
  # overloaded
  auditUnavailable @56;    # it cannot be put on record in the audit log, so it was not sent
  # cancelled
  failuresExceeded @57;    # it had not begun when too many other hosts had failed
}

struct Fact {
  # A named detail of an error, e.g. `expectedFingerprint`, `retryAfterMs`, `file`, `line`. The names stand with the code that sets
  # them and are part of `--output json`.
  name @0 :Text;
  value @1 :Text;
}

struct Error {
  kind @0 :ErrorKind;
  reason @1 :Reason;
  detail @2 :Text;         # words of the system or library that failed, for people; never to be parsed
  facts @3 :List(Fact);
}

enum Priority {
  # Of commands that wait for a lane. Those of a higher one go first, but for one in eight, so that none waits for ever.
  normal @0;
  low @1;
  high @2;
}

struct PhaseTimes {
  # How long each phase took, in microseconds; 0 where there was none (a pooled connection has no phases before `open`).
  queueUs @0 :UInt64;         # waited for a lane
  poolUs @1 :UInt64;          # waited for a connection, the phases below included
  resolveUs @2 :UInt64;
  connectUs @3 :UInt64;
  handshakeUs @4 :UInt64;     # banner, key exchange, host key
  authenticateUs @5 :UInt64;
  openUs @6 :UInt64;          # channel open
  runUs @7 :UInt64;           # from the exec request to the status
  waitUs @8 :UInt64;          # for permission to log in, as many logins were under way
}

struct Outcome {
  # What became of a command. A caller can always tell.
  state :union {
    notSent @0 :Void;         # the server never got the command: safe to try again
    exited @1 :Int32;         # its exit status
    signalled :group {
      name @2 :Text;          # without SIG: TERM, KILL (RFC 4254 §6.10)
      coreDumped @3 :Bool;
    }
    unknown @4 :Void;         # it was sent, and its status was lost
  }
  error @5 :Error;            # why it was not sent, cut short or lost; kind `none` otherwise
  times @6 :PhaseTimes;
  reusedConnection @7 :Bool;
  attempts @8 :UInt32;        # how often a connection was tried for it
  stdoutBytes @9 :UInt64;
  stderrBytes @10 :UInt64;
  id @12 :Text;               # by which the daemon's logs know the command
  ignored @11 :List(Text);    # of a connection that was made for it: what ssh_config asks for and is done without
}

struct Question {
  # What a login has to ask a person.
  subject @0 :Text;         # whom it is about: user@host, or a key file
  instruction @1 :Text;     # the server's words, if there are any
  prompts @2 :List(Prompt);

  struct Prompt {
    text @0 :Text;
    echo @1 :Bool;          # what is typed may be seen
  }
}

interface Prompter {
  # Asks a person. The caller implements it.
  ask @0 (question :Question) -> (answers :List(Data), error :Error);
  # As many answers as prompts. `error` (authRefused/nobodyToAsk) says why nobody can be asked, or that they would not say.
}

enum OutputStream {
  stdout @0;
  stderr @1;
}

interface OutputSink {
  # Gets what a command prints, then its outcome. The caller of exec implements it.
  write @0 (stream :OutputStream, bytes :Data) -> stream;
  # One chunk, at most 64 KiB. Not returning holds back the sender and, in the end, the remote command.

  finished @1 (outcome :Outcome) -> ();
  # The last call. Comes after every chunk has been written.

  terminalTaken @2 () -> ();
  # The command gets the terminal that was offered with it, as ssh_config asks for one (RequestTTY). Comes first, if at all.

  starting @3 () -> ();
  # Asked for with the command: all is ready, and it is sent once this returns. If this fails it is not sent. May come again before it
  # is sent again.
}

interface ByteSink {
  # Takes a stream of bytes: a command's standard input.
  write @0 (bytes :Data) -> stream;
  end @1 () -> ();
  # End of file. After it, or after the command has ended, writes are accepted and thrown away.
}

interface Command {
  # A running command. Dropping the capability cancels it: TERM, then KILL after a grace period, then the channel closes.
  stdin @0 () -> (sink :ByteSink);
  # The command must have been asked for with `forwardStdin`.

  signal @1 (name :Text) -> ();
  # A signal's name without SIG. Before the command has started, INT, TERM, HUP and KILL cancel it. Through a pseudo-terminal INT and
  # QUIT are sent as key strokes by the caller itself.

  resize @2 (columns :UInt32, rows :UInt32) -> ();
  # The size of the terminal has changed.

  cancel @3 () -> ();
  # As dropping, but the outcome (kind `cancelled`) still comes through `OutputSink.finished`.
}

struct CommandSpec {
  # What to run on the host, and how.
  command :union {
    line @0 :Data;            # a line for the remote user's shell; empty: the login shell, if there is input or a terminal
    argv @1 :List(Data);      # words, each quoted for that shell
    subsystem @7 :Text;       # one of the server's (RFC 4254 §6.5), such as sftp: without a working directory
  }
  environment @2 :List(Variable);
  workingDirectory @3 :Data;  # empty: the home directory
  forwardStdin @4 :Bool;
  terminal @5 :Terminal;      # null: no pseudo-terminal
  timeoutMs @6 :UInt64;       # from being asked for to the status, waiting and connecting included; 0: none

  struct Variable {
    name @0 :Data;
    value @1 :Data;
  }
  struct Terminal {
    type @0 :Text;            # $TERM
    columns @1 :UInt32;
    rows @2 :UInt32;
    modes @3 :Data;           # encoded as in RFC 4254 §8
  }
}

interface OpenFile {
  # A file that one side has opened for the other. Its descriptor travels beside the capability (SCM_RIGHTS): the receiver asks
  # `Capability::Client::getFd()`. It has no methods, as the bytes do not pass through RPC.
}

enum ConnectionState {
  # What a connection is doing right now.
  resolving @0;
  connecting @1;
  handshaking @2;
  authenticating @3;
  idle @4;
  busy @5;
  closing @6;
  waiting @7;                 # for permission to log in, as many logins are under way
  retiring @8;                # it is lent no more, and closes when nothing uses it any longer
}

struct ConnectionInfo {
  host @0 :Text;              # the name the caller used
  address @1 :Text;           # numeric address and port
  user @2 :Text;
  state @3 :ConnectionState;
  ageMs @4 :UInt64;
  idleMs @5 :UInt64;
  channels @6 :UInt32;        # in use
  commands @7 :UInt64;        # commands and transfers it has served
  bytesIn @8 :UInt64;         # on the wire
  bytesOut @9 :UInt64;
  cipher @10 :Text;
  serverVersion @11 :Text;    # the server's identification string
}
