@0xf3b1d5a86c9e4027;
# A daemon ↔ the one that takes its place, over a socket between the two that the second one inherits.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cbs::schema");
using Types = import "types.capnp";
using Agent = import "agent.capnp";

const handoverVersion :UInt32 = 1;
# Raised by changes that a daemon of an earlier version would misunderstand: then nothing is handed over.

interface Successor {
  # What the new daemon offers the old one, in this order.
  prepare @0 (version :UInt32, predecessor :Predecessor, ownsSocket :Bool) -> (version :UInt32);
  # Returns when all is there to serve callers. `version` is the handoverVersion of each; if they differ, nothing has been done, and the
  # new daemon is to be ended. `ownsSocket`: the socket's name goes with the last daemon; else it is the service manager's.

  takeOver @1 (jobs :List(RunningJob), hasJournal :Bool) -> (outputs :List(Types.OutputSink), error :Types.Error);
  # The old daemon accepts no callers and keeps no journal any more: from now on the new one does. Gives for each job where its output is to
  # go; null: nobody wants it, as the journal does not know the job. If `hasJournal` and it cannot be opened, fails as Agent.submit
  # (journalUnavailable), and the new daemon is to be ended.

  agent @2 (user :UInt32, key :Text, pid :UInt32, groups :List(UInt32)) -> (agent :Agent.Agent);
  # What a caller gets who asks the old daemon for something that the new one has now. `key`: who takes turns with whom. `groups` of
  # another user's process. Fails for one whom the new daemon does not serve.
}

interface Predecessor {
  # What the old daemon still offers.
  stop @0 (graceMs :UInt64) -> ();
  # As Agent.stop: the new one ends, and with it what runs in the old one.
  drain @1 (limitMs :UInt64) -> ();
  # Likewise as Agent.drain.
  reload @2 () -> ();
  # The configuration has changed, or log files were moved away: what it says holds for the callers of the old one, too.
}

struct RunningJob {
  # A job whose command runs in the old daemon, and goes on there.
  id @0 :Text;
  attempts @1 :UInt32;
  command @2 :Types.Command;    # dropping it cancels the command
  cancelled @3 :Types.Error;    # why it was told to end; kind `none`: it was not
  maybeSent @4 :Bool;           # in an earlier attempt
  log @5 :Log;

  struct Log {
    # What it has printed so far.
    bytes @0 :UInt64;           # of the file, and of `small`
    small @1 :Data;             # the whole log, if it is small
    isSmall @2 :Bool;
    inFile @3 :Bool;            # the file has all of it
    droppedBytes @4 :UInt64;    # of output that was not kept
  }
}
