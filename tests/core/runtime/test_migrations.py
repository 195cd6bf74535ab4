"""Revisions of the database: which of them lack migrations, and that they form one chain."""

from itertools import pairwise

import pytest
from alembic.script import ScriptDirectory

from core.runtime.migrations import _config, lacks_migrations, newest_migration


def revisions() -> list[str]:
    """Return the revisions, the oldest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def test_former_revisions_lack_migrations() -> None:
    former = revisions()[:-1]
    assert former
    assert all(lacks_migrations(revision) for revision in former)


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_database_without_a_revision_lacks_migrations(nothing: str | None) -> None:
    assert lacks_migrations(nothing)


@pytest.mark.parametrize("newer", ["9999", "0001a", "0000_newer"])
def test_the_newest_revision_and_unknown_ones_lack_none(newer: str) -> None:
    """The text of a revision has no order: a newer release may name its own in any way."""
    assert not lacks_migrations(newest_migration())
    assert not lacks_migrations(newer)


def test_revisions_form_one_chain_with_ascending_numbers() -> None:
    scripts = ScriptDirectory.from_config(_config())
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    for former, later in pairwise(revisions()):
        assert scripts.get_revision(later).down_revision == former
        assert int(former) < int(later)
