"""Several servers of the product behind something that shares requests among them."""

import itertools
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from tests.support.databases import Database
from tests.support.flask_command import run_flask
from tests.support.serving import (
    PROJECT,
    SCRIPTS,
    environment_for,
    free_port,
    wait_until_served,
)

KEYS = "PASSPORT_"


@dataclass
class Server:
    """One server: its address, whether requests are led to it, how many it answers."""

    port: int
    process: subprocess.Popen[bytes] | None = None
    is_open: bool = True
    in_flight: int = 0

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Fleet:
    """Servers over one database, each with the keys of `env_file` at its start."""

    database: Database
    env_file: Path
    servers: list[Server]
    changed: threading.Condition = field(default_factory=threading.Condition)
    turn: Iterator[int] = field(default_factory=itertools.count)

    @property
    def issuer(self) -> str:
        """The address by which all of them are known."""
        return self.servers[0].address

    @property
    def environment(self) -> dict[str, str]:
        """What a server that starts now finds."""
        values = environment_for(self.database, port=self.servers[0].port)
        kept = {n: v for n, v in values.items() if not n.startswith(KEYS)}
        return kept | {n: v or "" for n, v in dotenv_values(self.env_file).items()}

    def keys(self, *options: str) -> None:
        """Make or rotate the keys in the environment file, by the command."""
        values = environment_for(self.database, port=self.servers[0].port)
        done = run_flask(
            "passport:keys",
            "--env-file",
            str(self.env_file),
            *options,
            folder=self.env_file.parent,
            variables={
                name: values[name] for name in ("APP_ENV", "SECRET_KEY", "DATABASE_URL")
            },
        )
        assert done.returncode == 0, done.stderr

    @contextmanager
    def address(self) -> Iterator[str]:
        """Lead a request to the next server that is open."""
        with self.changed:
            open_ones = [server for server in self.servers if server.is_open]
            server = open_ones[next(self.turn) % len(open_ones)]
            server.in_flight += 1
        try:
            yield server.address
        finally:
            with self.changed:
                server.in_flight -= 1
                self.changed.notify_all()

    def restart(self, server: Server) -> None:
        """Lead no more requests to a server, let it finish, and start it anew."""
        with self.changed:
            server.is_open = False
            assert self.changed.wait_for(lambda: not server.in_flight, timeout=60)
        self.stop(server)
        self.start(server)
        with self.changed:
            server.is_open = True

    def start(self, server: Server) -> None:
        """Start a server with the keys that stand in the file now."""
        command = [
            str(SCRIPTS / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(server.port), "--workers", "1", "--blocking-threads", "4",
            "--log-level", "warning", "wsgi:app",
        ]  # fmt: skip
        server.process = subprocess.Popen(command, cwd=PROJECT, env=self.environment)
        wait_until_served(server.address, (server.process,))

    def stop(self, server: Server) -> None:
        """End a server."""
        if server.process is not None:
            server.process.terminate()
            server.process.wait(timeout=20)
            server.process = None


@contextmanager
def serve_fleet(database: Database, folder: Path, *, count: int = 2) -> Iterator[Fleet]:
    """Serve the product by `count` servers whose keys stand in a file of `folder`."""
    servers = [Server(free_port()) for _ in range(count)]
    fleet = Fleet(database, folder / "keys.env", servers)
    fleet.keys()
    try:
        for server in servers:
            fleet.start(server)
        yield fleet
    finally:
        for server in servers:
            fleet.stop(server)
