"""Attacks from one address, as fast as the default limits admit."""

import asyncio
import itertools
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
from websockets.asyncio.client import connect

ADDRESS = "198.18.77.77"
CONNECTIONS = 4
SOCKETS = 500
WORDS = ["cafe", "free", "massage", "misage", "first", "yoga", "get", "haircut", "family", "visit"]

Attack = Callable[[str, Counter[str]], Awaitable[None]]
ATTACKS: dict[str, Attack] = {}
numbers = itertools.count()


def attack(name: str) -> Callable[[Attack], Attack]:
    def register(one: Attack) -> Attack:
        ATTACKS[name] = one
        return one

    return register


@attack("pages of pages")
async def ask_pages(url: str, seen: Counter[str]) -> None:
    page = "vendors(first: $n) { nodes { id offers(first: $m) { id } } }"
    await _ask(url, seen, lambda: f"query Q($n: Int = 6, $m: Int! = 100) {{ {_aliased(7, page)} }}")


@attack("searches with counts")
async def ask_searches(url: str, seen: Counter[str]) -> None:
    """As many fields as one operation may cost, or twenty."""

    def search(fields: int) -> str:
        return " ".join(
            f'a{one}: offers(search: "{WORDS[one % len(WORDS)]}", first: 1)'
            " { totalCount nodes { id } }"
            for one in range(fields)
        )

    async with _client(url) as client:
        fields = 20
        while await _post(client, f"{{ {search(fields)} }}", Counter()) == "QUERY_TOO_COMPLEX":
            fields -= 1
    seen["fields"] = fields
    await _ask(url, seen, lambda: f"{{ {search(fields)} }}")


@attack("invalid documents")
async def ask_nonsense(url: str, seen: Counter[str]) -> None:
    await _ask(url, seen, lambda: f"query Q{next(numbers)} {{ {_aliased(120, 'nothing')} }}")


@attack("registrations")
async def register(url: str, seen: Counter[str]) -> None:
    def document() -> str:
        given = (
            f'a{one}: register(input: {{email: "a{next(numbers)}-{os.getpid()}@town.example",'
            f' password: "correct horse {one} battery", name: "A"}}) {{ errors {{ code }} }}'
            for one in range(10)
        )
        return f"mutation {{ {' '.join(given)} }}"

    await _ask(url, seen, document)


@attack("an endless header")
async def send_header(url: str, seen: Counter[str]) -> None:
    """Send 3 MB a second, and never end the header."""
    host, _, port = url.removeprefix("http://").partition(":")
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(b"GET /health HTTP/1.1\r\nHost: town\r\nX-Endless: ")
                while not (reader.at_eof() or writer.is_closing()):
                    writer.write(b"a" * 30_000)
                    await writer.drain()
                    seen["chunks"] += 1
                    await asyncio.sleep(0.01)
            finally:
                writer.close()
        seen["closed"] += 1
        await asyncio.sleep(0.01)


@attack("idle sockets")
async def open_sockets(url: str, seen: Counter[str]) -> None:
    async def hold() -> None:
        try:
            async with connect(
                url.replace("http", "ws", 1) + "/graphql",
                subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
                additional_headers={"X-Forwarded-For": ADDRESS},
            ) as socket:
                seen["open"] += 1
                await socket.wait_closed()
        except Exception as error:  # noqa: BLE001 - any end of it is counted
            seen[type(error).__name__] += 1
        await asyncio.sleep(0.5)

    async def repeat() -> None:
        while True:
            await hold()

    async with asyncio.TaskGroup() as group:
        for _ in range(SOCKETS):
            group.create_task(repeat())
            await asyncio.sleep(0.002)


@attack("metrics")
async def ask_metrics(url: str, seen: Counter[str]) -> None:
    async def repeat() -> None:
        async with _client(url) as client:
            while True:
                seen[str((await client.get("/metrics")).status_code)] += 1

    await asyncio.gather(*(repeat() for _ in range(CONNECTIONS)))


def _aliased(number: int, field: str) -> str:
    return " ".join(f"a{one}: {field}" for one in range(number))


async def _ask(url: str, seen: Counter[str], document: Callable[[], str]) -> None:
    async def repeat() -> None:
        async with _client(url) as client:
            while True:
                try:
                    code = await _post(client, document(), seen)
                except httpx.HTTPError as error:
                    code = type(error).__name__
                seen[code] += 1
                if code == "RATE_LIMITED":
                    await asyncio.sleep(0.1)

    await asyncio.gather(*(repeat() for _ in range(CONNECTIONS)))


async def _post(client: httpx.AsyncClient, document: str, seen: Counter[str]) -> str:
    response = await client.post("/graphql", json={"query": document})
    if response.status_code != httpx.codes.OK:
        return str(response.status_code)
    answer = response.json()
    seen["points left"] = answer.get("extensions", {}).get("cost", {}).get("remaining", 0)
    errors = answer.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else "answered"


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"X-Forwarded-For": ADDRESS}, timeout=60)


async def main(name: str, url: str, seconds: float) -> None:
    seen: Counter[str] = Counter()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await ATTACKS[name](url, seen)
    print(", ".join(f"{word} {number:,}" for word, number in sorted(seen.items())))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
