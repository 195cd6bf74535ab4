"""The worked example of CONTRIBUTING.md, added to a copy of the tree and run there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.runtime.migrations import newest_migration
from core.settings import HOME

GUIDE = (HOME / "CONTRIBUTING.md").read_text()
BLOCK = re.compile(r"^\*\*`([^`]+)`\*\*: [^\n]*\n\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "*.egg-info", "test-results")
PACKAGES = ("schema/trips", "tests/resolvers/trips", "tests/models/trips")
# Those of the domain, and those that a new domain fails if it forgets something. The rest of these
# files takes minutes and depends on no declaration of a domain.
TESTS = (
    "tests/resolvers/trips",
    "tests/resolvers/test_node.py::test_every_node_type_names_who_sees_it",
    "tests/resolvers/test_node.py::test_node_for_those_who_may_see_it",
    "tests/resolvers/test_one_line_text.py::test_every_text_of_a_mutation_is_listed_by_its_domain",
    "tests/models/test_constraints.py",
    "tests/models/test_personal_data.py",
    "tests/models/test_text.py",
    "tests/models/test_migrations.py::test_migrations_create_exactly_the_schema_of_the_models",
    "tests/models/test_migrations.py::test_migrations_can_be_reverted_and_repeated",
    "tests/schema/test_descriptions.py",
    "tests/schema/test_field_conflicts.py",
    "tests/schema/test_idempotency.py",
    "tests/services/test_i18n.py",
    "tests/test_domains.py",
)


def blocks() -> list[tuple[str, str, str]]:
    """Return the path, language and text of each file of the example."""
    return BLOCK.findall(GUIDE)


def renumber(copy: Path) -> Callable[[str], str]:
    """Return a function that gives the example's migration the next free number.

    The newest migration need not have the highest number: branches are merged in any order.
    """
    highest = max(int(path.name[:4]) for path in (copy / "alembic/versions").glob("[0-9]*.py"))
    newest = newest_migration()

    def numbered(text: str) -> str:
        return text.replace("0003", f"{highest + 1:04}").replace("0002", newest)

    return numbered


def insert(path: Path, lines: list[str]) -> None:
    """Insert the lines marked with `+` after the line above them, or at the end of the file."""
    text, anchor = path.read_text(), ""
    for line in lines:
        if line.startswith("+"):
            assert not anchor or text.count(anchor) == 1, f"{path}: {anchor}"
            added = line[1:] + "\n"
            text = text.replace(anchor, anchor + added) if anchor else text + added
            anchor = anchor + added if anchor else ""
        else:
            anchor = "\n" + line[1:] + "\n"
    path.write_text(text)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tree with the example in it."""
    copy = tmp_path_factory.mktemp("copy") / "haat"
    shutil.copytree(HOME, copy, ignore=LEFT_OUT)
    revision = renumber(copy)
    for name, language, text in blocks():
        path = copy / revision(name)
        if language == "diff":
            insert(path, text.splitlines())
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(revision(text) if "alembic" in name else text)
    for package in PACKAGES:
        (copy / package / "__init__.py").touch()
    return copy


def run(copy: Path, *command: str) -> None:
    outer = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env={**outer, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_the_example_passes_the_linters(copy: Path) -> None:
    run(copy, "-m", "ruff", "check", "--no-cache", ".")
    run(copy, "-m", "ruff", "format", "--no-cache", "--check", ".")
    run(copy, "-m", "tools.language")
    run(copy, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache")


def test_the_example_works(copy: Path) -> None:
    run(copy, "cli.py", "schema", "--write")
    run(copy, "cli.py", "docs")
    assert "addTrip(" in (copy / "schema/schema.graphql").read_text()
    assert "TRIP_LIMIT_REACHED" in (copy / "docs/errors.md").read_text()
    run(copy, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", *TESTS)


def test_the_cost_is_counted_right() -> None:
    lines = {
        name: sum(line.startswith("+") or language != "diff" for line in text.splitlines())
        for name, language, text in blocks()
    }
    tests = sum(count for name, count in lines.items() if name.startswith("tests/"))
    claimed = re.search(r"That is (\d+) lines in (\d+) files by hand, (\d+) of them", GUIDE)
    assert claimed
    counted = (sum(lines.values()), len(lines) + 1, lines["services/trips.py"])
    assert tuple(map(int, claimed.groups())) == counted
    assert f"and {tests} in tests" in GUIDE.replace("\n", " ")
