"""The examples of docs/clients/programs.md and docs/live.md for curl and Python, run as printed."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.guide import blocks

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
CREATE = (
    "mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }",
    "createApiToken",
)
REDEEM = (
    "mutation ($input: RedeemVoucherInput!) { redeemVoucher(input: $input) { outcome } }",
    "redeemVoucher",
)
LOG_IN = (
    "mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }",
    "logIn",
)


def send(url: str, mutation: tuple[str, str], token: str = "", **given: Any) -> Any:
    document, field = mutation
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": document, "variables": {"input": given}}
    return httpx.post(url, json=body, headers=headers).json()["data"][field]


@pytest.fixture
def given(seed: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(seed)
    return found


@pytest.fixture
def access(given: dict[str, Any]) -> str:
    """Return an access token of the vendor's owner."""
    signed_in = send(given["url"], LOG_IN, email=given["owner"], password=given["password"])
    token: str = signed_in["session"]["accessToken"]
    return token


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    for language in ("sh", "python"):
        for block in blocks(language):
            (folder / str(block.name)).write_text(block.text)
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_curl_creates_a_token_and_uses_it(given: dict[str, Any], tmp_path: Path) -> None:
    environment = {
        "HAAT_URL": given["url"],
        "EMAIL": given["owner"],
        "PASSWORD": given["password"],
    }
    ran = run(["sh", "-eu", "create_token.sh"], tmp_path, **environment)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("haat_")
    environment["HAAT_TOKEN"] = ran.stdout.strip()
    used = run(["sh", "-eu", "use_token.sh"], tmp_path, **environment)
    assert json.loads(used.stdout)["data"]["viewer"]["name"]


def test_curl_reports_a_failed_log_in(given: dict[str, Any], tmp_path: Path) -> None:
    environment = {"HAAT_URL": given["url"], "EMAIL": given["owner"], "PASSWORD": "wrong-password"}
    ran = run(["sh", "-eu", "create_token.sh"], tmp_path, **environment)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "The log-in failed: " in ran.stderr


def test_python_needs_a_token(given: dict[str, Any], tmp_path: Path) -> None:
    redeem = [sys.executable, "redeem.py", given["vendor"], "A"]
    ran = run(redeem, tmp_path, HAAT_URL=given["url"], HAAT_TOKEN="")
    assert (ran.returncode, ran.stderr.startswith("Set HAAT_TOKEN")) == (1, True)


def test_python_redeems_and_exports(given: dict[str, Any], access: str, tmp_path: Path) -> None:
    scopes = ["READ", "WRITE"]
    token = send(given["url"], CREATE, access, name="Till", scopes=scopes)["secret"]
    environment = {"HAAT_URL": given["url"], "HAAT_TOKEN": token}
    code = given["vouchers"][0]["code"]
    redeem = [sys.executable, "redeem.py", given["vendor"]]
    assert run([*redeem, code], tmp_path, **environment).stdout == "APPROVED APPROVED\n"
    assert run([*redeem, code], tmp_path, **environment).stdout == "REFUSED ALREADY_REDEEMED\n"
    empty = run([*redeem, ""], tmp_path, **environment)
    assert (empty.returncode, empty.stderr.split(":")[0]) == (1, "INVALID_INPUT")

    export = [sys.executable, "export_redemptions.py", given["vendor"]]
    exported = run(export, tmp_path, **environment)
    assert exported.returncode == 0, exported.stderr
    rows = list(csv.DictReader(StringIO(exported.stdout)))
    assert [row["reason"] for row in rows] == ["ALREADY_REDEEMED", "APPROVED"]
    assert rows[1]["offer"].startswith("Coffee")


def test_python_reports_a_token_without_the_scope(
    given: dict[str, Any], access: str, tmp_path: Path
) -> None:
    token = send(given["url"], CREATE, access, name="Export", scopes=["READ"])["secret"]
    environment = {"HAAT_URL": given["url"], "HAAT_TOKEN": token}
    refused = run([sys.executable, "redeem.py", given["vendor"], "A"], tmp_path, **environment)
    assert refused.returncode == 1
    assert "FORBIDDEN" in refused.stderr


def test_curl_follows_a_stream(given: dict[str, Any], access: str, tmp_path: Path) -> None:
    (script,) = (block.text for block in blocks("sh") if block.name == "stream.sh")
    output = tmp_path / "events"
    script = script.replace("http://127.0.0.1:8000/graphql", given["url"])
    script = script.replace("curl -N", "exec curl -sN --max-time 30")
    environment = os.environ | {"TOKEN": access, "VENDOR": given["vendor"]}
    with output.open("w") as events:
        running = subprocess.Popen(["bash", "-c", script], env=environment, stdout=events)
        try:
            for key in range(50):
                redemption = {"code": "UNKNOWN", "idempotencyKey": f"{tmp_path}-{key}"[-100:]}
                send(given["url"], REDEEM, access, vendorId=given["vendor"], **redemption)
                if "REFUSED" in output.read_text():
                    break
                time.sleep(0.2)
        finally:
            running.kill()
            running.wait()
    assert "event: next" in output.read_text()
