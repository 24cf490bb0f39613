@0xa7d90c3be51f4682;
# Work that is done on many hosts, from its first host to its last.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cbs::schema");
using Types = import "types.capnp";
using Transfer = import "transfer.capnp";

struct FanOutEvent {
  # What has happened on a host. Of each host `started` comes first, if it got its turn, and one of the last two comes last.
  host @0 :UInt32;              # its place among the targets, from 0
  what :union {
    started @1 :Void;           # its turn has come
    output :group {
      stream @2 :Types.OutputStream;
      bytes @3 :Data;           # at most 64 KiB
    }
    ended @4 :Types.Outcome;    # of a command
    moved @5 :Transfer.TransferResult;  # of an upload
  }
}

interface FanOutObserver {
  # Gets everything that happens. The caller implements it.
  events @0 (events :List(FanOutEvent)) -> stream;
  # In the order in which it happened, at most some 256 KiB. Not returning holds back what the hosts print and, in the end, their commands.

  finished @1 () -> ();
  # The last call: every host has ended.
}

interface FanOut {
  # Work under way on many hosts. Dropping the capability cancels it on all of them.
  signal @0 (name :Text) -> ();
  # As Command.signal, to all that run. INT, TERM, HUP and KILL end those as well that have not begun: they are not sent.

  cancel @1 () -> ();
  # As dropping, but everything that comes of it is still told.
}

interface FileSources {
  # Offers the same files again and again. The caller implements it.
  source @0 () -> (source :Transfer.FileSource);
}
