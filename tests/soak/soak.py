"""The soak test: people chat and shop while services fail, and then all is compared."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import httpx

from core.database import JOB_STATEMENT_SECONDS, Database
from core.security.signing_keys import SigningKeys
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.soak import acknowledged, comparison
from tests.soak.client_process import ClientLog, ClientProcess, start_clients
from tests.soak.comparison import StoredMessages
from tests.soak.people import Person, gather
from tests.soak.scale import Scale
from tests.soak.server_group import ServerGroup
from tests.soak.shoppers import Shoppers

PATIENCE_SECONDS = 180  # at the most, for the last change to arrive where all is busy
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """The measurements and the differences found."""

    scale: Scale
    stored: StoredMessages
    clients: list[ClientLog]
    shopped: dict[str, int]
    counted: dict[str, int]
    longest_silence: float
    failures: list[str]
    wrong: list[str]


async def soak(
    group: ServerGroup, scale: Scale, progress: Progress, patience: float = PATIENCE_SECONDS
) -> Outcome:
    """Let people chat during the failures, and compare their logs with the database."""
    progress(f"{scale.people} people join {scale.conversations} conversations ...")
    people, shoppers = await _gather(group, scale)
    async with start_clients(people, group.urls, scale) as clients:
        shoppers.start(scale.shopping_pause)
        failures = await _cause_failures(group, scale, progress)
        await shoppers.stop()
        answered = await clients.stop_sending()
        progress(
            f"{answered:,} messages were acknowledged. Waiting until all subscribers have them ..."
        )
        return await _compare(group, scale, clients, people, shoppers, failures, patience)


async def _gather(group: ServerGroup, scale: Scale) -> tuple[list[Person], Shoppers]:
    keys = SigningKeys.load(group.settings.keys_file, group.settings.file_secrets)
    database = _database(group)
    base = group.urls[0].removesuffix("/graphql")
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_SECONDS) as http:
        people = await gather(World(database, keys), Client(http, keys), scale)
    shoppers = await Shoppers.gather(World(database, keys), group.urls, keys, scale)
    await database.close()
    return people, shoppers


async def _cause_failures(group: ServerGroup, scale: Scale, progress: Progress) -> list[str]:
    began, chance, failures = time.monotonic(), Random(scale.seed), []
    for at, failure in scale.schedule():
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        happened = time.monotonic()
        await group.cause(failure, chance)
        took = time.monotonic() - happened
        failures.append(f"{failure} after {happened - began:.0f} s, back {took:.1f} s later")
        progress(failures[-1])
    await asyncio.sleep(max(0.0, began + scale.seconds - time.monotonic()))
    return failures


async def _compare(
    group: ServerGroup,
    scale: Scale,
    clients: ClientProcess,
    people: list[Person],
    shoppers: Shoppers,
    failures: list[str],
    patience: float,
) -> Outcome:
    database = _database(group)
    stored = await comparison.read(database)
    logs = await clients.report([stored.lengths(person) for person in people], patience)
    wrong = comparison.differences(stored, logs)
    had = await acknowledged.read_states(database, shoppers.people)
    wrong += acknowledged.differences(had, shoppers.people)
    if not stored.messages:
        wrong.append("No messages were sent.")
    wrong += [f"No {kind} was acknowledged." for kind, states in had.items() if not states]
    try:
        await check_invariants(database)
    except AssertionError as broken:
        wrong.append(str(broken))
    await database.close()
    silence, shopped = clients.longest_silence, dict(shoppers.counted)
    return Outcome(scale, stored, logs, shopped, clients.counted, silence, failures, wrong)


def _database(group: ServerGroup) -> Database:
    url = group.settings.sqlalchemy_url
    return Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
