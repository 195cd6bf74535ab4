"""A short form of `make soak`: one of each disaster, and sockets cut all the time."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.soak import report
from tests.soak.scale import BRIEF
from tests.soak.server_group import House, opened
from tests.soak.soak import soak


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """In a folder with a name that is short enough for PostgreSQL's socket."""
    with tempfile.TemporaryDirectory(prefix="haat-soak-") as folder, opened(Path(folder)) as house:
        yield house


async def test_every_log_equals_the_database(house: House) -> None:
    outcome = await soak(house, BRIEF, print)
    report.show(Console(), outcome)
    assert outcome.wrong == []
    assert len(outcome.suffered) == len(BRIEF.disasters)
    assert outcome.counted["connections"] > BRIEF.people, "they were cut indeed"


async def test_without_the_cursor_a_cut_is_noticed(house: House) -> None:
    """The control: clients that forget where they were, and nothing worse than cuts."""
    forgetful = replace(BRIEF, seconds=6, between_cuts=1, disasters=(), resume=False)
    outcome = await soak(house, forgetful, print, patience=1)
    assert any("came after" in wrong for wrong in outcome.wrong), outcome.wrong
