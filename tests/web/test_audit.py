"""The public audits of GraphQL over HTTP (npm `graphql-http`), by the venv's Node."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import npm

AUDIT = Path(__file__).parent / "audit"
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def audit() -> str:
    """Install the script's packages from the lock file, and return its path."""
    npm.install(AUDIT)
    return str(AUDIT / "audit.mjs")


def test_every_audit_passes_whole(audit: str, server: str) -> None:
    ran = subprocess.run(
        [BIN / "node", audit, f"{server}/graphql"], capture_output=True, check=True, timeout=60
    )
    results = json.loads(ran.stdout)
    assert len(results) == 61
    assert [one for one in results if one["status"] != "ok"] == []
