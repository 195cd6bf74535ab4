"""One client alone cannot hold the server's memory, time or connections."""

import asyncio
from contextlib import AsyncExitStack

import httpx

from core.settings import Settings
from tests.hostile.production import ServerProcess, production, serving
from tests.web.connections.raw_connection import RawConnection, handshake, head

MEBIBYTE = 2**20
NETWORK_CONNECTIONS = 200


async def is_alive(server: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=10) as http:
        assert (await http.get("/health")).status_code == 200


async def test_heads_without_end_take_no_memory_and_no_time(server: ServerProcess) -> None:
    """Without a limit, 20 heads of 20 MB take minutes of CPU time, and their size in memory."""
    memory, cpu = server.memory(), server.cpu()

    async def endless() -> int:
        async with RawConnection.to(server.url) as connection:
            await connection.send(head("GET /health")[:-2] + b"X-Endless: ")
            await connection.send(*[b"x" * 100_000] * 200)
            return await connection.status()

    # Not all can read the refusal: the kernel may reset a connection that is still sending.
    assert set(await asyncio.gather(*(endless() for _ in range(20)))) <= {431, 0}
    await is_alive(server)
    assert server.memory() - memory < 20 * MEBIBYTE
    assert server.cpu() - cpu < 5


async def test_pipelined_requests_take_no_memory(server: ServerProcess) -> None:
    """20 packets of them took 900 MB."""
    memory, peak = server.memory(), 0

    async def flood() -> None:
        async with RawConnection.to(server.url) as connection:
            await connection.send(head("GET /health") * 20_000)
            await connection.received()

    floods = [asyncio.create_task(flood()) for _ in range(20)]
    while not all(one.done() for one in floods):
        peak = max(peak, server.memory())
        await asyncio.sleep(0.02)
    await asyncio.gather(*floods)
    await is_alive(server)
    assert peak - memory < 50 * MEBIBYTE


async def test_frames_without_end_take_no_memory(server: ServerProcess) -> None:
    memory = server.memory()
    async with RawConnection.to(server.url) as connection:
        await connection.send(handshake())
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(b"\x01\x80" + bytes(4))
        await connection.send(*[(b"\x00\x80" + bytes(4)) * 10_000] * 100)
        await connection.received()
    await is_alive(server)
    assert server.memory() - memory < 20 * MEBIBYTE


async def test_sockets_of_one_network_are_limited(settings: Settings) -> None:
    with serving(production(settings)) as server:
        responses, sockets = [], []
        async with AsyncExitStack() as stack:
            for _ in range(2 * NETWORK_CONNECTIONS):
                connection = await stack.enter_async_context(RawConnection.to(server.url))
                await connection.send(handshake("X-Forwarded-For: 203.0.113.7"))
                responses.append(await connection.reader.readuntil(b"\r\n\r\n"))
                sockets.append(connection.reader)
            await is_alive(server)
            opened = [b" 101 " in response[:13] for response in responses]
            closed = await asyncio.gather(*(says_something(one) for one in sockets))
    assert all(opened[:NETWORK_CONNECTIONS])
    # Sockets that are older than a second give way, so a slow machine opens more in all.
    still_open = [one and not ended for one, ended in zip(opened, closed, strict=True)]
    assert 0 < sum(still_open) <= NETWORK_CONNECTIONS


async def says_something(reader: asyncio.StreamReader) -> bool:
    """Return whether the server sends anything after its response: a close frame, or the end."""
    try:
        await asyncio.wait_for(reader.read(1), 0.5)
    except TimeoutError:
        return False
    return True
