"""PostgreSQL, Valkey and two servers, each of which can be ended, and comes back where it was."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Self

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests import servers
from tests.processes import free_port
from tests.running import Postgres, Valkey, serving
from tests.soak.scale import Disaster

AWAY_SECONDS = (0.5, 3.0)


class Door:
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


class House:
    """Everything that a client needs."""

    def __init__(
        self, settings: Settings, postgres: Postgres, valkey: Valkey, doors: list[Door]
    ) -> None:
        self.settings = settings
        self.urls = [f"{door.url}/graphql" for door in doors]
        self._postgres = postgres
        self._valkey = valkey
        self._doors = doors

    async def suffer(self, disaster: Disaster, chance: Random) -> None:
        """Cause a failure, and return once the service is back."""
        match disaster:
            case Disaster.POSTGRES:
                await asyncio.to_thread(self._postgres.restart)
            case Disaster.REDIS:
                await _away(chance, self._valkey.stop, self._valkey.start)
            case Disaster.SERVER:
                door = chance.choice(self._doors)
                await _away(chance, door.kill, door.start)


async def _away(chance: Random, end: Callable[[], None], start: Callable[[], None]) -> None:
    await asyncio.to_thread(end)
    await asyncio.sleep(chance.uniform(*AWAY_SECONDS))
    await asyncio.to_thread(start)


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """All of it, started for this alone in a folder of its own, and stopped at the end."""
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    keys = folder / "keys.json"
    SigningKeys.generate().save(keys)
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder))
        valkey = stack.enter_context(Valkey(folder / "valkey"))
        servers.migrate(postgres.url)
        settings = Settings(
            database_url=postgres.url,
            redis_url=valkey.url,
            keys_file=keys,
            outbox=folder / "outbox",
        )
        doors = [stack.enter_context(Door(settings, folder / f"server{n}.log")) for n in (1, 2)]
        yield House(settings, postgres, valkey, doors)
