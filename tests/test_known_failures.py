"""docs/known-failures.md names tests that exist."""

import re

from core.settings import HOME

PAGE = HOME / "docs/known-failures.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_each_named_test_exists() -> None:
    named = TEST.findall(PAGE.read_text())
    assert len(named) >= 30
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"def {name}\(", (HOME / file).read_text())
    ]
    assert not missing
