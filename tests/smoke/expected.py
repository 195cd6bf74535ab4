"""The expected costs of requests. Change a row on purpose, with the change that moves it."""

from typing import NamedTuple


class Counts(NamedTuple):
    """Messages to PostgreSQL and to Redis, asyncio tasks, plans made, and memory held at most."""

    sql: int
    redis: int
    tasks: int
    plans: int
    kibibytes: int


EXPECTED = {
    "offers": Counts(sql=1, redis=0, tasks=0, plans=0, kibibytes=245),
    "offers of vendors of offers": Counts(sql=2, redis=0, tasks=0, plans=0, kibibytes=106),
    "typename": Counts(sql=0, redis=0, tasks=0, plans=0, kibibytes=22),
    "claimOffer": Counts(sql=1, redis=0, tasks=0, plans=0, kibibytes=55),
    "refreshSession": Counts(sql=4, redis=1, tasks=2, plans=0, kibibytes=48),
    "logIn": Counts(sql=12, redis=3, tasks=7, plans=0, kibibytes=91),
}
