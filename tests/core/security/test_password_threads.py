"""The threads for passwords: two at a time, and a queue that refuses when it is full."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from core.errors import CallerGone, TooManyRequests
from core.security.password_threads import MAX_WAITING, THREADS, PasswordThreads


async def stays() -> bool:
    return False


async def leaves() -> bool:
    return True


@pytest.fixture
def threads() -> Iterator[PasswordThreads]:
    threads = PasswordThreads()
    yield threads
    threads.close()


async def test_two_run_at_a_time(threads: PasswordThreads) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.01)
        with lock:
            running -= 1

    await asyncio.gather(*(threads.run(work, stays) for _ in range(10)))
    assert most == THREADS


async def test_a_full_queue_refuses_at_once(threads: PasswordThreads) -> None:
    done = threading.Event()
    try:
        tasks = [
            asyncio.create_task(threads.run(done.wait, stays)) for _ in range(THREADS + MAX_WAITING)
        ]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequests):
            await threads.run(done.wait, stays)
    finally:
        done.set()
    assert await asyncio.gather(*tasks) == [True] * len(tasks)
    assert await threads.run(lambda: "again", stays) == "again"


async def test_the_default_threads_stay_free(threads: PasswordThreads) -> None:
    done = threading.Event()
    try:
        tasks = [asyncio.create_task(threads.run(done.wait, stays)) for _ in range(40)]
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(lambda: "free") == "free"
    finally:
        done.set()
    await asyncio.gather(*tasks)


async def test_nothing_is_done_for_a_caller_that_has_left(threads: PasswordThreads) -> None:
    worked: list[str] = []
    with pytest.raises(CallerGone):
        await threads.run(lambda: worked.append("gone"), leaves)
    waiting = asyncio.create_task(threads.run(lambda: worked.append("cancelled"), stays))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await threads.run(lambda: worked.append("here"), stays)
    assert worked == ["here"]
    assert threads._waiting == 0


async def test_an_error_frees_its_place(threads: PasswordThreads) -> None:
    def fail() -> None:
        raise ValueError("broken")

    for _ in range(THREADS + MAX_WAITING + 1):
        with pytest.raises(ValueError, match="broken"):
            await threads.run(fail, stays)
