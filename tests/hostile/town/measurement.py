"""The latency of other callers, while it is quiet and during an attack."""

import asyncio
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import httpx

from core.settings import HOME
from tests.hostile.town.attacks import ATTACKS

OFFERS = "{ offers(first: 20) { nodes { id title vendor { name } } } }"
OTHERS, PAUSE_SECONDS = 3, 0.1
WARM_UP_SECONDS = 1
MAX_REST_SECONDS = 60
MAX_RATIO = 3
LOWEST_PRIORITY = ("nice", "-n", "19")


@dataclass(frozen=True)
class Latency:
    """Milliseconds."""

    median: float
    p99: float
    longest: float
    requests: int

    @classmethod
    def of(cls, waits: list[float]) -> "Latency":
        cuts = statistics.quantiles(waits, n=100, method="inclusive")
        return cls(statistics.median(waits), cuts[98], max(waits), len(waits))


@dataclass(frozen=True)
class AttackOutcome:
    name: str
    quiet: Latency
    attacked: Latency
    attacker: str

    @property
    def ratio(self) -> float:
        return self.attacked.p99 / self.quiet.p99


async def measure(url: str, names: list[str], seconds: float) -> list[AttackOutcome]:
    """Measure quiet and attack in turns, so that a drift of the machine affects both."""
    await latency(url, WARM_UP_SECONDS)
    return [await _measure(url, name, seconds) for name in names]


async def _measure(url: str, name: str, seconds: float) -> AttackOutcome:
    quiet = await latency(url, seconds)
    # The attacker has the lowest priority: its own work must not delay the server's.
    given = name, url, str(seconds + 2 * WARM_UP_SECONDS)
    attacker = subprocess.Popen(  # noqa: ASYNC220 - returns at once
        [*LOWEST_PRIORITY, sys.executable, "-m", "tests.hostile.town.attacks", *given],
        cwd=HOME,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        await asyncio.sleep(2 * WARM_UP_SECONDS)
        attacked = await latency(url, seconds)
        output, _ = await asyncio.to_thread(attacker.communicate, timeout=30)
    finally:
        attacker.kill()
    await _calm_down(url, quiet)
    return AttackOutcome(name, quiet, attacked, output.strip())


async def _calm_down(url: str, quiet: Latency) -> None:
    """Wait until the server has done what the attacker has left behind."""
    end = time.monotonic() + MAX_REST_SECONDS
    await asyncio.sleep(WARM_UP_SECONDS)
    while (await latency(url, WARM_UP_SECONDS)).median > 2 * quiet.median:
        if time.monotonic() > end:
            break


async def latency(url: str, seconds: float) -> Latency:
    """Ask for offers from several addresses, at a pace that the default limits admit."""
    waits: list[float] = []
    end = time.monotonic() + seconds

    async def ask(number: int) -> None:
        headers = {"X-Forwarded-For": f"198.18.1.{number + 1}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            while time.monotonic() < end:
                began = time.perf_counter()
                response = await client.post("/graphql", json={"query": OFFERS})
                waits.append((time.perf_counter() - began) * 1_000)
                if "errors" in response.json():
                    raise RuntimeError(response.text[:500])
                await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(ask(number) for number in range(OTHERS)))
    return Latency.of(waits)


ALL = list(ATTACKS)
