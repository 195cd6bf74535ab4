"""A server and a worker that start during an outage of PostgreSQL work after it."""

import subprocess
import time
from pathlib import Path

import httpx
import pytest

from core.settings import Settings
from tests.processes import (
    free_port,
    paused,
    running,
    running_cold,
    wait_until_alive,
    wait_until_ready,
)
from tests.running import Postgres

QUERY = {"query": "{ offers(first: 1) { nodes { id } } }"}


@pytest.fixture
def environment(own_settings: Settings, tmp_path: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": str(own_settings.database_url),
        "REDIS_URL": own_settings.redis,
        "KEYS_FILE": str(own_settings.keys_file),
        "OUTBOX": str(own_settings.outbox),
        "OBJECTS_FOLDER": str(own_settings.objects_folder),
        "HEARTBEAT_FILE": str(tmp_path / "beat"),
        "STATEMENT_TIMEOUT_SECONDS": str(own_settings.statement_timeout_seconds),
    }


def test_a_server_starts_while_postgres_hangs(
    environment: dict[str, str], postgres: Postgres
) -> None:
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    with running_cold("serve", **environment, PORT=port) as process:
        with paused(postgres.pid):
            wait_until_alive(url, 60)
            assert httpx.get(f"{url}/ready", timeout=30).status_code == 503
            answer = httpx.post(f"{url}/graphql", json=QUERY, timeout=30)
            assert answer.status_code == 503
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        wait_until_ready(url, 60)
        answer = httpx.post(f"{url}/graphql", json=QUERY, timeout=30)
        assert answer.json()["data"] == {"offers": {"nodes": []}}
        assert process.poll() is None


def test_a_worker_starts_while_postgres_hangs(
    environment: dict[str, str], postgres: Postgres
) -> None:
    port = str(free_port())
    with running_cold("worker", **environment) as worker:
        with paused(postgres.pid), pytest.raises(subprocess.TimeoutExpired):
            worker.wait(15)  # it does not end
        with running("serve", **environment, PORT=port):
            wait_until_alive(f"http://127.0.0.1:{port}", 60)
            deadline = time.monotonic() + 60
            while not _has_worker(port):
                assert time.monotonic() < deadline
                time.sleep(0.5)
        assert worker.poll() is None


def _has_worker(port: str) -> bool:
    answer = httpx.get(f"http://127.0.0.1:{port}/ready", timeout=30).json()
    return bool(answer["checks"].get("Job worker"))
