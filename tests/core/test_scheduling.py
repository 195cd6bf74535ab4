"""Long tests begin first, so that no worker ends long after the others."""

from core.settings import HOME
from tests.scheduling import LONG, ONE_WORKER, rank


def test_folders_and_long_files_begin_first() -> None:
    scopes = ["tests/core/security/test_codes.py", "tests/outages/test_start.py", "races"]
    assert sorted(scopes, key=rank) == scopes[::-1]


def test_the_files_are_there() -> None:
    """The name of a file that was moved would have no effect."""
    for name in (*LONG, *(f"tests/{folder}/" for folder in ONE_WORKER)):
        folder, _, start = name.rpartition("/")
        assert list((HOME / folder).glob(f"{start}*")), name
