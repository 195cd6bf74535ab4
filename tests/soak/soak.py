"""The soak itself: people chat, things end and come back, and then everybody is asked."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import httpx

from core.database import Database
from core.security.signing_keys import SigningKeys
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.soak import comparison
from tests.soak.client_process import Crowd, Heard, chatting
from tests.soak.comparison import Book
from tests.soak.people import Person, gather
from tests.soak.scale import Scale
from tests.soak.server_group import House

PATIENCE_SECONDS = 180  # at the most, for the last change to arrive where all is busy
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """The measurements and the differences found."""

    scale: Scale
    book: Book
    crowd: list[Heard]
    counted: dict[str, int]
    longest_silence: float
    suffered: list[str]
    wrong: list[str]


async def soak(house: House, scale: Scale, say: Say, patience: float = PATIENCE_SECONDS) -> Outcome:
    """Let people chat during the failures, and compare their logs with the database."""
    say(f"{scale.people} people join {scale.conversations} conversations ...")
    people = await _gather(house, scale)
    async with chatting(people, house.urls, scale) as crowd:
        suffered = await _suffer(house, scale, say)
        answered = await crowd.hush()
        say(f"{answered:,} messages were acknowledged. Waiting until all subscribers have them ...")
        return await _compare(house, scale, crowd, people, suffered, patience)


async def _gather(house: House, scale: Scale) -> list[Person]:
    keys, database = (
        SigningKeys.load(house.settings.keys_file),
        Database(house.settings.sqlalchemy_url),
    )
    base = house.urls[0].removesuffix("/graphql")
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_SECONDS) as http:
        people = await gather(World(database, keys), Client(http, keys), scale)
    await database.close()
    return people


async def _suffer(house: House, scale: Scale, say: Say) -> list[str]:
    began, chance, suffered = time.monotonic(), Random(scale.seed), []
    for at, disaster in scale.schedule():
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        happened = time.monotonic()
        await house.suffer(disaster, chance)
        took = time.monotonic() - happened
        suffered.append(f"{disaster} after {happened - began:.0f} s, back {took:.1f} s later")
        say(suffered[-1])
    await asyncio.sleep(max(0.0, began + scale.seconds - time.monotonic()))
    return suffered


async def _compare(
    house: House,
    scale: Scale,
    crowd: Crowd,
    people: list[Person],
    suffered: list[str],
    patience: float,
) -> Outcome:
    database = Database(house.settings.sqlalchemy_url)
    book = await comparison.read(database)
    heard = await crowd.report([book.lengths(person) for person in people], patience)
    wrong = comparison.differences(book, heard)
    if not book.messages:
        wrong.append("No messages were sent.")
    try:
        await check_invariants(database)
    except AssertionError as broken:
        wrong.append(str(broken))
    await database.close()
    return Outcome(scale, book, heard, crowd.counted, crowd.longest_silence, suffered, wrong)
