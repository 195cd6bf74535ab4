"""docs/operating.md, "Your first hour in production", to the letter, on an empty database."""

import re
from contextlib import ExitStack

from core.settings import HOME
from tests.commands.installation import Installation
from tests.commands.walk import Mailbox, first_hour, needs_programs, shell, walk

BLOCKS = first_hour()


@needs_programs
async def test_the_first_hour(empty: Installation, mailbox: Mailbox) -> None:
    with ExitStack() as processes:
        async with shell(empty, HOME) as opened:
            output = (await walk(opened, BLOCKS, empty, mailbox, processes))[-1]
    assert re.search(r'"voucher":{"code":"[^"]+","state":"CLAIMED"}', output), output
    assert '"errors":[]' in output


def test_the_page_shows_every_step() -> None:
    assert len(BLOCKS) == 14
    assert [block for block in BLOCKS if "haat categories load" in block]
