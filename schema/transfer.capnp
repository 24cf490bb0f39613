@0xb5d0c7e2a914f863;
# Files and trees on their way: from a caller to a host, from a host to a caller, or between two hosts.
#
# A caller's files stay the caller's: it serves them as a FileSource or a FileSink, and the daemon opens no path of its own. What the
# bytes of a large file pass through is a descriptor (OpenFile), small ones are in the messages.
#
# A path in a tree is relative, in bytes: names between single slashes, none of them empty, `.` or `..`. Its first name is that of the
# root, the file or folder that was asked for; the empty path is a root of which only the contents were asked for.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cbs::schema");
using Types = import "types.capnp";

enum FileKind {
  file @0;
  directory @1;
  link @2;                    # a symbolic link
  other @3;                   # a device, a socket, a named pipe: never moved
}

struct FileEntry {
  path @0 :Data;
  kind @1 :FileKind;
  size @2 :UInt64;            # of a file
  mode @3 :UInt32;            # permission bits, 07777
  mtimeS @4 :Int64;           # time of modification, seconds since 1970
  id @5 :UInt64;              # by which its source reads it; of a file only
  target @6 :Data;            # of a link: what it leads to
  sameAs @7 :Data;            # the path of a file, told before, of which this is another name (a hard link); empty: none
}

struct PathError {
  path @0 :Data;
  error @1 :Types.Error;
}

struct FileContent {
  entry @0 :FileEntry;
  bytes @1 :Data;
}

interface FileSource {
  # What a caller offers. Every method may be called while others run, but for next.
  roots @0 () -> (count :UInt32, first :FileEntry, error :Types.Error);
  # How many files and folders were asked for, and the first of them. Comes first.
  next @1 () -> (entries :List(FileEntry), errors :List(PathError), done :Bool);
  # The next at most 1,000 entries, a folder before what is in it; and what could not be looked at.
  read @2 (ids :List(UInt64)) -> (files :List(Content));
  # The whole of at most 64 small files (64 KiB each), in that order. One that is larger by now fails.
  open @3 (id :UInt64) -> (file :Types.OpenFile, error :Types.Error);

  struct Content {
    bytes @0 :Data;
    error @1 :Types.Error;
  }
}

interface FileSink {
  # What a caller gives room to. `begin` comes first, `finish` last; the others may be called side by side.
  begin @0 (roots :UInt32, first :FileEntry, options :TransferOptions) -> (path :Data, error :Types.Error);
  # Decides where it all goes: into the destination if that is a folder, else under its name. `path` is that place, absolute.
  look @1 (entries :List(FileEntry)) -> (standings :List(Standing));
  # What is there now, for each.
  make @2 (entries :List(FileEntry)) -> (errors :List(Types.Error));
  # Folders and links (of either sort), in that order; an error of kind `none` for each that went well.
  put @3 (files :List(FileContent)) -> (errors :List(Types.Error));
  # Whole small files, each in the place of what is there.
  create @4 (entry :FileEntry, resume :Bool) -> (file :Types.OpenFile, writing :FileWriting, kept :UInt64, error :Types.Error);
  # A file under a temporary name beside the one that it is to replace. `kept`: how much an earlier part holds that goes on with.
  existing @5 (path :Data) -> (file :Types.OpenFile, error :Types.Error);
  # The file that is there, for reading.
  finish @6 (complete :Bool) -> (deleted :List(Data), errors :List(PathError), done :Bool);
  # Times of folders; and if `complete`, what is there and was not looked at is deleted, where that was asked for. A call does a part
  # of it, some 1,000 entries: it is called again until it says `done`.

  struct Standing {
    present @0 :Bool;
    entry @1 :FileEntry;       # what is there; without path, id and sameAs
    error @2 :Types.Error;     # why that cannot be told, or why nothing can be put there
  }
}

interface FileWriting {
  # A file that is being written. Dropped before its commit, it leaves a part that can be gone on with if that is at least 1 MiB.
  commit @0 (entry :FileEntry) -> (error :Types.Error);
  # Gives it its size, mode and time, and puts it in its place.
  leave @1 () -> (part :Data);
  # Gives up. `part`: the name of what is kept; empty: nothing.
}

struct TransferOptions {
  recursive @0 :Bool;
  followLinks @1 :Bool;
  exclude @2 :List(Data);     # patterns as rsync's --exclude has them
  preserve @3 :Bool;          # times, and all permission bits whatever the umask
  delete @4 :Bool;            # what the source does not have
  dryRun @5 :Bool;
  checksum @6 :Bool;          # unchanged is what has the same content, not what has the same size and time
  resume @7 :Bool;
  verify @8 :Bool;
  fsync @9 :Bool;
  streams @10 :UInt32;        # at once; 0: as many as help
  limitRate @11 :UInt64;      # bytes a second; 0: none
  tellAll @12 :Bool;          # what is unchanged is told as well
}

struct TransferProgress {
  bytes @0 :UInt64;           # moved so far, those of unchanged files and kept parts included
  totalBytes @1 :UInt64;      # of what is known so far
  files @2 :UInt64;
  totalFiles @3 :UInt64;
  listed @4 :Bool;            # the totals are complete
  current @5 :Data;           # the path of a file that moves now
  streams @6 :UInt32;
  sentBytes @7 :UInt64;       # that had to be moved
}

struct TransferEvent {
  # What has become of an entry.
  path @0 :Data;
  what @1 :What;
  bytes @2 :UInt64;           # of a file
  error @3 :Types.Error;      # of one that failed, or was skipped
  sha256 @4 :Data;            # of both ends, which are equal, if it was verified
  us @5 :UInt64;              # how long it took, of a file that moved by itself
  resumedBytes @6 :UInt64;    # that an earlier part had, and that were found to be right

  enum What {
    moved @0;
    made @1;                  # a folder or a link
    unchanged @2;
    skipped @3;               # a special file, or a link to nowhere
    deleted @4;
    failed @5;
  }
}

struct TransferResult {
  error @0 :Types.Error;      # why it ended early; or, if only single files failed, the first one's, with the fact `failed`: how many
  bytes @1 :UInt64;           # moved
  files @2 :UInt64;           # moved
  unchanged @3 :UInt64;
  skipped @4 :UInt64;
  deleted @5 :UInt64;
  failed @6 :UInt64;
  times @7 :Types.PhaseTimes;
  path @8 :Data;              # where it is now, absolute
  streams @9 :UInt32;         # at most at once
  totalBytes @10 :UInt64;     # of all files that are in place now
  id @11 :Text;               # by which the daemon's logs know it
}

interface TransferObserver {
  progress @0 (progress :TransferProgress) -> stream;
  # At most ten times a second.
  events @1 (events :List(TransferEvent)) -> stream;
  # In any order; `unchanged` only if verify, dryRun or `tellAll` asks for it.
  finished @2 (result :TransferResult) -> ();
  # The last call.
}

interface Transfer {
  # A transfer under way. Dropping the capability cancels it, and what can be gone on with stays.
  cancel @0 () -> ();
  # As dropping, but the result still comes.
}

struct ListedFile {
  name @0 :Data;              # in the folder; of a path that is listed itself, that path
  entry @1 :FileEntry;        # without path
  uid @2 :UInt32;
  gid @3 :UInt32;
  owner @4 :Text;             # as the server calls it; empty: it does not say
  group @5 :Text;
}

interface ListingObserver {
  files @0 (path :Data, files :List(ListedFile)) -> stream;
  # What is in the folder `path`, one folder after the other; if that is empty: paths that are listed themselves.
  failed @1 (error :PathError) -> ();
  finished @2 (error :Types.Error, us :UInt64, id :Text) -> ();
  # `us`: how long the server took. `id`: by which the daemon's logs know it.
}
