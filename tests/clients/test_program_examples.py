"""The examples of docs/clients/programs.md and docs/live.md for curl and Python, run as printed."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
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


def module(name: str, folder: Path) -> Any:
    """Import a Python file of the guide."""
    (text,) = (block.text for block in blocks("python") if block.name == f"{name}.py")
    path = folder / f"{name}.py"
    path.write_text(text)
    spec = spec_from_file_location(f"guide_{name}", path)
    assert spec
    assert spec.loader
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


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


def test_curl_creates_a_token_that_may_write(given: dict[str, Any], tmp_path: Path) -> None:
    login = {"HAAT_URL": given["url"], "EMAIL": given["owner"], "PASSWORD": given["password"]}
    ran = run(
        ["sh", "-eu", "create_token.sh", '"VENDORS_READ", "REDEMPTIONS_WRITE"'], tmp_path, **login
    )
    environment = login | {"HAAT_TOKEN": ran.stdout.strip()}
    (vendor,) = json.loads(run(["sh", "vendors.sh"], tmp_path, **environment).stdout)["data"][
        "viewer"
    ]["vendors"]
    assert vendor["id"] == given["vendor"]
    redeem = [sys.executable, "redeem.py", vendor["id"], given["vouchers"][0]["code"]]
    assert run(redeem, tmp_path, **environment).stdout == "APPROVED APPROVED\n"


@pytest.mark.parametrize(("status", "code"), [(502, "UNAVAILABLE"), (404, "NO_API")])
def test_python_reports_an_answer_that_is_not_json(
    status: int, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    haat = module("haat", tmp_path)
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status, text="<h1>Bad gateway</h1>")

    client = haat.Haat("https://api.haat.example/graphql", "haat_token")
    client._http = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(haat.time, "sleep", lambda _: None)
    with pytest.raises(haat.Failed) as failed:
        client.request("{ viewer { id } }")
    assert failed.value.code == code
    assert len(requests) == (haat.MAX_TRIES if status >= 500 else 1)


def test_python_needs_the_address_of_the_api(tmp_path: Path) -> None:
    redeem = [sys.executable, "redeem.py", "V", "A"]
    ran = run(redeem, tmp_path, HAAT_URL="http://127.0.0.1:8000", HAAT_TOKEN="haat_x")
    assert (ran.returncode, ran.stderr.startswith("Set HAAT_URL")) == (1, True)


def test_the_variables_of_a_stream_are_found(given: dict[str, Any], tmp_path: Path) -> None:
    (script,) = (block.text for block in blocks("sh") if block.name == "token.sh")
    for printed, real in (
        ("http://127.0.0.1:8000/graphql", given["url"]),
        ("owner@haat.example", given["owner"]),
        ("haat-demo-1", given["password"]),
    ):
        assert printed in script
        script = script.replace(printed, real)
    ran = run(["sh", "-eu", "-c", f'{script}\necho "$VENDOR"'], tmp_path)
    assert ran.stdout.strip() == given["vendor"]


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
    scopes = ["OFFERS_READ", "VENDORS_READ", "REDEMPTIONS_READ", "REDEMPTIONS_WRITE"]
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
    token = send(given["url"], CREATE, access, name="Export", scopes=["REDEMPTIONS_READ"])["secret"]
    environment = {"HAAT_URL": given["url"], "HAAT_TOKEN": token}
    refused = run([sys.executable, "redeem.py", given["vendor"], "A"], tmp_path, **environment)
    assert refused.returncode == 1
    assert "SCOPE_MISSING" in refused.stderr


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
