"""Others run between the new documents that arrive together."""

import asyncio
from itertools import pairwise

from engine.limits.document_cache import DocumentCache


async def test_one_document_is_read_in_each_pass_of_the_event_loop() -> None:
    documents, steps = DocumentCache(), list[str]()

    async def read() -> None:
        await documents.wait_for_turn()
        steps.append("read")

    async def run_others() -> None:
        while steps.count("read") < 5:
            steps.append("other")
            await asyncio.sleep(0)

    await asyncio.gather(run_others(), *(read() for _ in range(5)))
    assert steps.count("read") == 5
    assert ("read", "read") not in set(pairwise(steps))
