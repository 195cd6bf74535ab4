"""The clients of tests/node/soak.mjs, all in one Node process of their own."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests import npm
from tests.soak.people import Person
from tests.soak.scale import Scale
from tests.subscriptions.subscription_client import CLIENTS, NODE

LONGEST_LINE = 2**28
LINGER_SECONDS = 3  # longer than the sweep would need to deliver a change twice
ANSWER_SECONDS = 120  # at most, for the last messages, once all services are back


@dataclass(frozen=True)
class ClientLog:
    """The messages that one person received and sent."""

    person: Person
    logs: list[list[tuple[str, int, str, str]]]  # conversation, sequence, id, text: for each stream
    late: list[float]  # seconds between sending and arriving
    answered: list[tuple[str, str, int]]  # clientMessageId, id, sequence


class ClientProcess:
    """The Node process with all clients, driven by lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process, people: Sequence[Person]) -> None:
        self._process = process
        self._people = people
        self.counted: Counter[str] = Counter()
        self.longest_silence = 0.0  # seconds without any message received

    async def stop_sending(self) -> int:
        """Stop sending, and return the number of messages once all are acknowledged."""
        answered: int = (await self._do({"stop": True}, ANSWER_SECONDS))["answered"]
        return answered

    async def report(self, lengths: list[list[int]], patience: float) -> list[ClientLog]:
        """Return all logs once each is complete, or after `patience` seconds."""
        asked = {
            "lengths": lengths,
            "patience": patience * 1000,
            "linger": LINGER_SECONDS * 1000,
        }
        result = await self._do(asked, patience + LINGER_SECONDS + ANSWER_SECONDS)
        self.counted = Counter(result["counted"])
        self.longest_silence = result["longestSilence"] / 1000
        return [_client_log(*pair) for pair in zip(self._people, result["people"], strict=True)]

    async def _do(self, order: dict[str, Any], patience: float) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(patience):
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        assert line, "the clients have ended"
        result: dict[str, Any] = json.loads(line)
        return result


@asynccontextmanager
async def start_clients(
    people: Sequence[Person], urls: Sequence[str], scale: Scale
) -> AsyncIterator[ClientProcess]:
    """Start people who subscribe, send and are disconnected at random, until `stop_sending`."""
    await asyncio.to_thread(npm.install, CLIENTS)
    process = await asyncio.create_subprocess_exec(
        str(NODE),
        str(CLIENTS / "soak.mjs"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    clients = ClientProcess(process, people)
    order = {
        "urls": urls,
        "people": [person.described() for person in people],
        "resume": scale.resume,
        "pauseMs": scale.pause * 1000,
        "cutMs": scale.between_cuts * 1000,
    }
    try:
        await clients._do(order, ANSWER_SECONDS)
        yield clients
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _client_log(person: Person, result: dict[str, Any]) -> ClientLog:
    return ClientLog(
        person=person,
        logs=[[tuple(line[:4]) for line in log] for log in result["logs"]],
        late=[line[4] / 1000 for log in result["logs"] for line in log],
        answered=[tuple(one) for one in result["answered"]],
    )
