"""Services that a soak test can stop, restart at the same address, or let hang."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Self

from core.database import STATEMENT_SECONDS
from core.security.key_file import NOT_ENCRYPTED
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests import servers
from tests.processes import free_port, paused
from tests.running import Postgres, Valkey, serving
from tests.soak.scale import Failure

AWAY_SECONDS = (0.5, 3.0)
HANG_SECONDS = (4.0, 7.0)  # longer than each deadline of a request


class RestartableServer:
    """A server that can be killed and started again."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._port = free_port()
        self._running = ExitStack()
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server = self._running.enter_context(
            serving(self._settings, self._settings.redis, self._log, port=self._port)
        )

    def kill(self) -> None:
        self._server.end(signal.SIGKILL)
        self._running.close()


class ServerGroup:
    """PostgreSQL, Valkey and two servers that can be stopped and restarted."""

    def __init__(
        self,
        settings: Settings,
        postgres: Postgres,
        valkey: Valkey,
        servers: list[RestartableServer],
    ) -> None:
        self.settings = settings
        self.urls = [f"{server.url}/graphql" for server in servers]
        self._postgres = postgres
        self._valkey = valkey
        self._servers = servers

    async def cause(self, failure: Failure, chance: Random) -> None:
        """Cause a failure, and return once the service is back."""
        match failure:
            case Failure.POSTGRES:
                await asyncio.to_thread(self._postgres.restart)
            case Failure.REDIS:
                await _away(chance, self._valkey.stop, self._valkey.start)
            case Failure.SERVER:
                server = chance.choice(self._servers)
                await _away(chance, server.kill, server.start)
            case Failure.REDIS_HANGS:
                await _hang(chance, self._valkey.pid)
            case Failure.POSTGRES_HANGS:
                await _hang(chance, self._postgres.pid)


async def _away(chance: Random, end: Callable[[], None], start: Callable[[], None]) -> None:
    await asyncio.to_thread(end)
    await asyncio.sleep(chance.uniform(*AWAY_SECONDS))
    await asyncio.to_thread(start)


async def _hang(chance: Random, pid: int) -> None:
    with paused(pid):
        await asyncio.sleep(chance.uniform(*HANG_SECONDS))


@contextmanager
def start_servers(folder: Path) -> Iterator[ServerGroup]:
    """Start all services in a new folder, and stop them at the end."""
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    keys = folder / "keys.json"
    SigningKeys.generate().save(keys, NOT_ENCRYPTED)
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder))
        valkey = stack.enter_context(Valkey(folder / "valkey"))
        servers.migrate(postgres.migrations_url)
        settings = Settings(
            environment="development",
            database_url=postgres.url,
            redis_url=valkey.url,
            keys_file=keys,
            outbox=folder / "outbox",
            statement_timeout_seconds=STATEMENT_SECONDS,
        )
        instances = [
            stack.enter_context(RestartableServer(settings, folder / f"server{n}.log"))
            for n in (1, 2)
        ]
        yield ServerGroup(settings, postgres, valkey, instances)
