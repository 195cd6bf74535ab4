"""Installations for commands: migrated ones share the database of the tests."""

from pathlib import Path

import pytest

from tests.commands.installation import Installation


@pytest.fixture
async def installation(tmp_path: Path, database_url: str) -> Installation:
    """Return an installation on the database of `world`, which is migrated."""
    return await Installation.create(tmp_path, database_url)
