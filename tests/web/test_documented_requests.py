"""docs/http.md keeps its word: each `curl` is run, and answers what stands below it."""

import json
import re
import shutil
import subprocess

import pytest

from core.documents.trusted_documents import sha256
from core.settings import HOME

PAGE = (HOME / "docs/http.md").read_text()
SHOWN = re.compile(r"```sh\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
@pytest.mark.parametrize(("command", "expected"), SHOWN.findall(PAGE))
def test_a_command_returns_the_documented_output(server: str, command: str, expected: str) -> None:
    command = command.replace("localhost:8000", server.removeprefix("http://"))
    ran = subprocess.run(
        ["bash", "-c", command.replace("curl ", "curl -w '\\n' ")],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    output = ran.stdout
    for line in expected.splitlines():
        start = line.partition("…")[0]
        assert start in output, ran.stdout
        output = output.partition(start)[2] if "{" in start else output


def test_every_command_is_tried_and_every_hash_is_right() -> None:
    assert len(SHOWN.findall(PAGE)) == PAGE.count("```sh")
    (documents,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert all(sha256(document) == name for name, document in json.loads(documents).items())
