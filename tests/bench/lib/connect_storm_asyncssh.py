#!/usr/bin/python3
"""asyncssh's side of connect_storm: keeps a connection to each of many addresses, in one process.

    connect_storm_asyncssh.py PORT USER KEY_FILE KNOWN_HOSTS ADDRESSES JOBS

ADDRESSES is a file with an address a line. Connects to 127.0.0.1, so that what is made once has been made, and says
`ready`. Then each line on stdin asks for a turn: `true` is run at each address, JOBS at once, over the connection that
is there or else over one that is made and kept. The answer is `done SECONDS LAG_P99_MS LAG_MAX_MS`, or `failed` with
the reason. Ends with its stdin.

What asyncssh does is what the daemon does, and nothing that would cost it more: the same algorithms, strict host keys,
one key, no configuration file, no ssh-agent. Key and known_hosts are read once.
"""
import asyncio
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")  # old ciphers are deprecated in the library beneath
import asyncssh

LAG_INTERVAL = 0.25  # seconds; the daemon looks as often


class Lag:
    """How late the event loop is, as the daemon measures its own."""

    def __init__(self):
        self.samples = []
        self.task = asyncio.create_task(self.measure())

    async def measure(self):
        while True:
            due = time.monotonic() + LAG_INTERVAL
            await asyncio.sleep(LAG_INTERVAL)
            self.samples.append((time.monotonic() - due) * 1000)

    def figures(self):
        """p99 and the largest, in milliseconds."""
        ordered = sorted(self.samples) or [0]
        return ordered[(len(ordered) * 99 + 99) // 100 - 1], ordered[-1]


class Storm:
    def __init__(self, port, user, key_file, known_hosts):
        self.port = int(port)
        self.connections = {}
        self.options = asyncssh.SSHClientConnectionOptions(
            username=user,
            client_keys=[asyncssh.read_private_key(key_file)],
            known_hosts=asyncssh.read_known_hosts(known_hosts),
            config=None,
            agent_path=None,
            preferred_auth="publickey",
            kex_algs=["curve25519-sha256"],
            encryption_algs=["aes128-gcm@openssh.com"],
            compression_algs=["none"],
        )

    async def run_true(self, address):
        connection = self.connections.get(address)
        if connection is None:
            connection = await asyncssh.connect(address, self.port, config=None, options=self.options)
            self.connections[address] = connection
        await connection.run("true", check=True)

    async def take_turn(self, addresses, jobs):
        rest = iter(addresses)

        async def work():
            for address in rest:
                await self.run_true(address)

        lag = Lag()
        start = time.monotonic()
        await asyncio.gather(*(work() for _ in range(jobs)))
        seconds = time.monotonic() - start
        lag.task.cancel()
        return seconds, *lag.figures()


async def main(port, user, key_file, known_hosts, address_file, jobs):
    with open(address_file) as lines:
        addresses = lines.read().split()
    storm = Storm(port, user, key_file, known_hosts)
    await storm.run_true("127.0.0.1")
    print("ready", flush=True)
    while sys.stdin.readline():  # between turns nothing happens here, so the loop may stand still
        print("done %f %f %f" % await storm.take_turn(addresses, int(jobs)), flush=True)


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        asyncio.run(main(*sys.argv[1:]))
    except (OSError, asyncssh.Error) as error:
        print("failed", repr(error), flush=True)
        sys.exit(1)
