"""A short form of `make soak`: one failure of each kind, and sockets cut all the time."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.soak import report
from tests.soak.scale import BRIEF
from tests.soak.server_group import ServerGroup, start_servers
from tests.soak.soak import soak


@pytest.fixture(scope="module")
def group() -> Iterator[ServerGroup]:
    """Start the servers in a folder whose name is short enough for PostgreSQL's socket."""
    with (
        tempfile.TemporaryDirectory(prefix="haat-soak-") as folder,
        start_servers(Path(folder)) as group,
    ):
        yield group


async def test_every_log_equals_the_database(group: ServerGroup) -> None:
    outcome = await soak(group, BRIEF, print)
    report.show(Console(), outcome)
    assert outcome.wrong == []
    assert len(outcome.failures) == len(BRIEF.planned_failures)
    assert outcome.counted["connections"] > BRIEF.people, "sockets were cut"


async def test_without_the_cursor_a_cut_is_noticed(group: ServerGroup) -> None:
    """The negative control: clients lose their cursors, and only sockets fail."""
    forgetful = replace(BRIEF, seconds=6, between_cuts=1, planned_failures=(), resume=False)
    outcome = await soak(group, forgetful, print, patience=1)
    assert any("came after" in wrong for wrong in outcome.wrong), outcome.wrong


async def test_without_its_key_a_repetition_is_noticed(group: ServerGroup) -> None:
    """The negative control of shoppers: each act is sent twice, with another key."""
    forgetful = replace(BRIEF, seconds=6, planned_failures=(), forgets=True)
    outcome = await soak(group, forgetful, print)
    assert any("no server answered so" in wrong for wrong in outcome.wrong), outcome.wrong
