"""The test vectors of rotating codes in docs/clients/scanners.md are those of the server."""

import base64
import re
from datetime import datetime, timedelta

import pytest

from core.ids import new_id
from core.security import rotating_codes
from core.security.rotating_codes import (
    ScannedCode,
    matching_steps,
    rotating_code,
    split_scanned,
)
from core.security.signing_keys import SigningKeys
from core.settings import HOME

GUIDE = (HOME / "docs/clients/scanners.md").read_text()
SECTION = GUIDE.partition("### Test vectors of rotating codes")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip().strip("`") for cell in line.strip("|").split("|")]
    for line in SECTION.splitlines()
    if line.startswith("|") and not line.startswith("|---")
]
CODES = [row for row in ROWS if len(row) == 5][1:]
CONTENTS = [row for row in ROWS if len(row) == 3][1:]
KEY = base64.b64decode(re.findall(r"`rotationKey` `([^`]+)`", SECTION)[0])
NO_CODE, EMPTY = "none", "empty, which is refused as a wrong one"


@pytest.mark.parametrize(("content", "token", "code"), CONTENTS)
def test_the_content_is_split_as_documented(content: str, token: str, code: str) -> None:
    expected = {NO_CODE: None, EMPTY: ""}.get(code, code)
    assert split_scanned(content) == ScannedCode(token, expected)


@pytest.mark.parametrize(("time", "step", "code", "first", "end"), CODES)
def test_the_codes_are_those_of_the_server(
    monkeypatch: pytest.MonkeyPatch, time: str, step: str, code: str, first: str, end: str
) -> None:
    at, since, until = (datetime.fromisoformat(one) for one in (time, first, end))
    assert rotating_code(KEY, at) == code
    monkeypatch.setattr(rotating_codes, "_derive", lambda *_: KEY)
    second = timedelta(seconds=1)
    for moment, accepted in (
        (since - second, False),
        (since, True),
        (at, True),
        (until - second, True),
        (until, False),
    ):
        found = matching_steps(SigningKeys.generate(), new_id(), 1, code, moment)
        assert found == ([int(step)] if accepted else []), moment


def test_the_guide_has_vectors() -> None:
    assert (len(CODES), len(CONTENTS), KEY) == (5, 3, bytes(range(32)))
