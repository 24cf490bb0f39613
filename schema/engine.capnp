@0xb52f6c1f2c07d3a4;
# Router ↔ engine. An engine owns SSH connections. It runs in the daemon's own process by default; a worker process or another
# machine's daemon can serve the same interface. So nothing here relies on a shared process or on the user's files: an engine gets a host that is
# already resolved from ssh_config, and two capabilities that know the user's keys and known_hosts.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cbs::schema");
using Types = import "types.capnp";
using Transfer = import "transfer.capnp";

struct ResolvedHost {
  # Everything that ssh_config says about a target, in the words of ssh_config(5).
  alias @0 :Text;                  # what the caller typed, for messages
  hostName @1 :Text;               # name or numeric address to connect to
  port @2 :UInt16;
  user @3 :Text;
  poolKey @4 :Text;                # connections are shared between hosts of equal key
  connectTimeoutMs @5 :UInt64;     # for resolve and connect together; 0: the daemon's default
  addressFamily @6 :AddressFamily;
  bindAddress @7 :Text;
  ciphers @8 :Text;                # comma-separated, in order of preference; empty: the engine's own order
  macs @9 :Text;
  kexAlgorithms @10 :Text;
  setEnv @11 :List(Types.CommandSpec.Variable);   # SetEnv, sent as `env` requests
  proxyJump @12 :Text;             # the hosts on the way, as ssh_config has them, for people; empty: none
  proxyCommand @13 :Text;          # tokens expanded; for a shell of the engine's machine; empty: none
  serverAliveIntervalMs @14 :UInt64;  # 0: the daemon's own keepalives
  serverAliveCountMax @15 :UInt32;
  authentications @16 :List(Text);    # the methods of RFC 4252 to try, in order: publickey, keyboard-interactive, password
  ignored @18 :List(Text);         # what ssh_config asks for and is done without, as `Keyword value`
  passwordPrompts @17 :UInt32;        # how often each of the latter two is tried
  enum AddressFamily {
    any @0;
    inet @1;
    inet6 @2;
  }
}

struct Hop {
  # A host on the way to another one.
  host @0 :ResolvedHost;
  identity @1 :Identity;
  trust @2 :Trust;
}

interface Identity {
  # Who we are: offers public keys and signs with them. The private keys never leave their ssh-agent.
  keys @0 () -> (keys :List(PublicKey), error :Types.Error);
  # In the order in which they are to be offered. `error` says why there are none, or why one that was asked for is missing.

  sign @1 (key :Data, data :Data, algorithm :Text) -> (signature :Data, error :Types.Error);
  # `key` is a blob that `keys` gave, `data` what the server challenges, `algorithm` the signature algorithm
  # (`rsa-sha2-512` for RSA keys). `signature` is the raw signature blob, without the algorithm's name (RFC 4253 §6.6).
  # May take as long as a person needs to touch a security key.

  ask @2 (question :Types.Question) -> (answers :List(Data), error :Types.Error);
  # Asks the person on whose behalf it is done; callers who ask the same at the same time, or soon after, get one answer.
  # Fails with authRefused/nobodyToAsk.
  refused @3 (question :Types.Question) -> ();
  # The server did not accept the answers: they are not given again.

  struct PublicKey {
    blob @0 :Data;                 # RFC 4253 §6.6
    comment @1 :Text;              # where it comes from: a file, or the agent's comment
  }
}

interface Trust {
  # Judges host keys.
  algorithms @0 () -> (algorithms :List(Text), error :Types.Error, known :UInt32);
  # Host key algorithms to offer in the handshake, in order of preference. The first `known` of them are those for which a key, or for
  # certificates an authority, is known.

  judge @1 (key :Data, address :Text) -> (error :Types.Error, publicKeyOnly :Bool);
  # `key` is the public key blob that the server proved to own, or its certificate; `address` the server's own, numeric and with the
  # port, and empty where it is reached through a proxy. No error (kind `none`): go on, and if `publicKeyOnly`, log in with a public key
  # or not at all, as the key is not the one that was expected. Else kind `hostKeyRefused` with the facts `fingerprint`, `keyType`, and
  # where they are known `expectedFingerprint`, `file`, `line`, `certificate` (what is wrong with it).
}

struct HostLimits {
  # What holds for one host. 0: not set.
  maxConnections @0 :UInt32;
  maxChannelsPerConnection @1 :UInt32;
  maxLoginsAtOnce @2 :UInt32;        # per address
  connectTimeoutMs @3 :UInt64;
  idleTimeoutMs @4 :UInt64;
  maxAgeMs @5 :UInt64;
  maxBytes @6 :UInt64;               # in either direction of a connection
  probeAfterMs @7 :UInt64;           # of silence, before a channel is lent
  keepaliveIntervalMs @8 :UInt64;    # while a command waits
  failureThreshold @9 :UInt32;       # the breaker's
  openMs @10 :UInt64;
  halfOpenProbes @11 :UInt32;
  loginOpenMs @12 :UInt64;           # after a login that the server refused
  maxTunnelsPerConnection @13 :UInt32;  # to hosts behind it
}

struct EngineLimits {
  maxConnections @0 :UInt32;
  maxLoginsAtOnce @1 :UInt32;
  maxChannelsPerCaller @2 :UInt32;
  cleanupIntervalMs @3 :UInt64;
  host @4 :HostLimits;               # all are set
  overrides @5 :List(Override);      # for hosts that match, the first that sets a value decides it

  struct Override {
    patterns @0 :Text;               # as of Host in ssh_config(5), between commas; of the alias or the hostName
    limits @1 :HostLimits;
  }
}

struct HostReport {
  # What an engine knows of a host.
  limits @0 :HostLimits;             # that hold for it
  channelLimit @1 :UInt32;           # channels per connection, as far as the server's own limit is known
  connections @2 :List(Types.ConnectionInfo);
  waiting @3 :UInt32;                # callers that wait for a channel
  address @4 :Text;                  # asked for last; empty: none was
  breaker @5 :Text;                  # closed, open or halfOpen
  addressBreaker @6 :Text;
  loginRefused @7 :Bool;             # and that is what the breaker is open for
  failures @8 :UInt32;               # in a row
  retryAfterMs @9 :UInt64;           # until an open breaker lets somebody try
  lastError @10 :Types.Error;        # since the last success; kind `none`: there was none
  lastErrorAgoMs @11 :UInt64;
  lastConnection @12 :Types.PhaseTimes;  # of the connection that was made last; all 0: none was
  loginWindow @13 :UInt32;           # logins that may be under way at the address at once
  loginsUnderWay @14 :UInt32;
  addresses @15 :List(Text);         # numeric, with the port, as the resolver has them now
  addressesError @16 :Types.Error;   # why there are none
}

struct EngineStats {
  # Sums since the engine's start, and what is now.
  connectionsActive @0 :UInt32;      # authenticated, with at least one channel in use
  connectionsIdle @1 :UInt32;
  connectionsConnecting @2 :UInt32;
  waiting @3 :UInt32;                # callers that wait for a connection
  created @4 :UInt64;
  reused @5 :UInt64;
  closed @6 :UInt64;
  failures @7 :List(FailureCount);
  commandsRunning @8 :UInt32;
  commandsDone @9 :UInt64;
  uploadBytes @10 :UInt64;
  downloadBytes @11 :UInt64;
  transfersRunning @12 :UInt32;
  breakersOpen @13 :UInt32;          # of hosts, and of addresses that no such host leads to

  uploads @14 :Durations;            # whole transfers that went well, without the connecting
  downloads @15 :Durations;
  listings @16 :Durations;
  phases @17 :Phases;                # of connections and channels, those that came to nothing left out
  breakersHalfOpen @18 :UInt32;      # counted as breakersOpen, and not among those
  hosts @19 :UInt32;                 # with connections, or of which something is remembered

  struct Durations {
    count @0 :UInt64;
    sumUs @1 :UInt64;
    p50Us @2 :UInt64;
    p90Us @3 :UInt64;
    p99Us @4 :UInt64;
    buckets @5 :List(UInt64);        # how many took at most as long as each of bucketBoundsUs; `count` counts longer ones as well
  }
  struct Phases {
    resolve @0 :Durations;
    connect @1 :Durations;
    handshake @2 :Durations;
    authenticate @3 :Durations;
    open @4 :Durations;
  }
  struct FailureCount {
    reason @0 :Types.Reason;
    count @1 :UInt64;
  }
}

const bucketBoundsUs :List(UInt64) = [500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
                                      10000000, 30000000, 60000000, 300000000, 1800000000, 3600000000];
# From half a millisecond to an hour, in microseconds. A bound is never taken away, as a histogram would be another one.

struct HostFigures {
  # What a host has been, and is, doing. Sums are since its first connection, and go with what is remembered of the host.
  host @0 :Text;                     # the name the caller used last
  address @1 :Text;                  # asked for last
  user @2 :Text;
  connections @3 :UInt32;            # those in the making included
  channels @4 :UInt32;               # in use
  waiting @5 :UInt32;                # callers that wait for a channel
  commands @6 :UInt64;               # commands and transfers that were given a channel
  bytesIn @7 :UInt64;                # on the wire
  bytesOut @8 :UInt64;
  failures @9 :UInt64;               # connections that could not be made, or broke
}

struct BreakerInfo {
  # A breaker that is not closed: of a host, or of an address that no such host leads to.
  host @0 :Text;                     # empty: of an address
  address @1 :Text;
  state @2 :Text;                    # open or halfOpen
  loginRefused @3 :Bool;             # and that is what it is open for
  failures @4 :UInt32;               # in a row
  retryAfterMs @5 :UInt64;           # until it lets somebody try
  lastError @6 :Types.Error;
}

struct Place {
  # Files on a host.
  host @0 :ResolvedHost;
  identity @1 :Identity;
  trust @2 :Trust;
  jumps @3 :List(Hop);
  caller @4 :Text;                   # these as in Engine.exec
  connectTimeoutMs @5 :UInt64;
  paths @6 :List(Data);
}

struct TransferOrder {
  from :union {
    caller @0 :Transfer.FileSource;
    host @1 :Place;
  }
  to :union {
    caller @2 :Transfer.FileSink;
    host @3 :Place;
  }
  options @4 :Transfer.TransferOptions;
  id @5 :Text;                       # as in Engine.exec
}

interface Engine {
  exec @0 (host :ResolvedHost, identity :Identity, trust :Trust, spec :Types.CommandSpec, output :Types.OutputSink,
           connectTimeoutMs :UInt64, idempotent :Bool, retries :UInt32, caller :Text, jumps :List(Hop),
           environment :List(Types.CommandSpec.Variable), announceStart :Bool, id :Text)
    -> (command :Types.Command);
  # Returns at once. `caller` is who asks, as far as shares and turns go: requests of equal callers share. `environment` is what SendEnv adds to the host's own SetEnv. `jumps` are the
  # hosts on the way, the nearest first; each is connected to through the one before it. What becomes of the command comes through `output.finished`, errors included.
  # `announceStart` asks for `output.starting`. `id` is by what logs know it.

  transfer @1 (order :TransferOrder, observer :Transfer.TransferObserver) -> (transfer :Transfer.Transfer);
  list @2 (place :Place, itself :Bool, observer :Transfer.ListingObserver, id :Text) -> (listing :Transfer.Transfer);
  # As exec: at once, and the end comes through `observer.finished`.

  stats @3 () -> (stats :EngineStats);
  connections @4 () -> (connections :List(Types.ConnectionInfo));
  drain @5 (graceMs :UInt64) -> ();
  # Takes no new work; returns when what runs has ended, at the latest after `graceMs`, when the rest is cancelled and its outcome told.

  configure @6 (limits :EngineLimits) -> ();
  # Applies to what is there as well; no connection is dropped for it.
  disconnect @7 (poolKey :Text, now :Bool) -> (closed :UInt32, leaving :UInt32);
  # Of one host, or of all if `poolKey` is empty. Closes what is idle; what is in use as well if it is to be `now`, else
  # when nothing uses it any more, which is what `leaving` counts. New work gets new connections.
  resetBreakers @8 (poolKey :Text) -> (hosts :UInt32);
  # Lets a host, or all if it is empty, be tried again at once. Tells how many had failures to forget.
  describe @9 (host :ResolvedHost) -> (report :HostReport);
  hosts @10 (limit :UInt32) -> (hosts :List(HostFigures));
  # Those that are the busiest now (channels in use, then callers that wait, then commands); at most `limit`, and 1,000.
  breakers @11 (limit :UInt32) -> (breakers :List(BreakerInfo), more :UInt32);
  # Those that are not closed; at most `limit`, and 1,000. `more`: how many are left out.
}
