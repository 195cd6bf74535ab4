"""`haat categories load`: CSV files, in whole or not at all."""

import json
from pathlib import Path

import pytest
from sqlmodel import col, select

from commands.category_file import read_category_file
from core.csv_files import InvalidFile
from core.database import Database
from core.settings import HOME
from models.audit import AuditEntry, AuditOutcome
from models.categories import Category
from tests.commands.installation import Installation, Ran
from tests.factories.world import World

EXAMPLE = HOME / "commands/examples/categories.csv"
FILE = """parent,slug,en,hi
,food,Food & drink,खाना
food,cafes,Cafés,
food/cafes,tea,Tea,चाय
,home,Home,
"""


async def stored(database: Database) -> dict[str, tuple[dict[str, str], int]]:
    rows = select(Category).order_by(col(Category.path))
    async with database.session() as session:
        return {row.path: (row.name, row.position) for row in await session.exec(rows)}


async def load(installation: Installation, folder: Path, text: str, *options: str) -> Ran:
    path = folder / "categories.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    return await installation.run("categories", "load", *options, str(path))


async def test_load_twice_changes_nothing(
    world: World, database: Database, installation: Installation, tmp_path: Path
) -> None:
    dry = await load(installation, tmp_path, FILE, "--dry-run")
    assert dry.status == 0, dry.errors
    added = ["+ food/", "+ food/cafes/", "+ food/cafes/tea/", "+ home/"]
    assert dry.lines == [*added, "4 created, 0 changed, 0 known. Nothing was stored."]
    assert await stored(database) == {}
    ran = await installation.run_process("categories", "load", str(tmp_path / "categories.csv"))
    assert ran.lines == [*added, "4 created, 0 changed, 0 known."]
    (logged,) = [json.loads(line) for line in ran.errors.splitlines() if line.startswith("{")]
    assert (
        logged.items() >= {"event": "security.act", "act": "CREATE_CATEGORY", "subjects": 4}.items()
    )
    assert [
        line for line in ran.errors.splitlines() if "security.act" in line and line[0] != "{"
    ] == []
    assert await stored(database) == {
        "food/": ({"en": "Food & drink", "hi": "खाना"}, 0),
        "food/cafes/": ({"en": "Cafés"}, 0),
        "food/cafes/tea/": ({"en": "Tea", "hi": "चाय"}, 0),
        "home/": ({"en": "Home"}, 1),
    }
    again = await load(installation, tmp_path, FILE)
    assert (again.status, again.lines) == (0, ["0 created, 0 changed, 4 known."])
    done = select(AuditEntry.act, AuditEntry.actor_kind).where(
        AuditEntry.outcome == AuditOutcome.DONE  # refusals of earlier tests are stored later
    )
    async with database.session() as session:
        entries = (await session.exec(done)).all()
    assert entries == [("CREATE_CATEGORY", "SYSTEM")] * 4


async def test_load_updates_names_and_order_and_removes_none(
    world: World, database: Database, installation: Installation, tmp_path: Path
) -> None:
    other = await world.category("other")
    await world.category("food")
    await world.save(Category(slug="zoo", path="zoo/", name={"en": "Zoo"}, position=2, hidden=True))
    ran = await load(installation, tmp_path, "\ufeffparent,slug,en\r\n,zoo,Zoo\r\n,food,Eat\r\n")
    assert ran.status == 0, ran.errors
    assert await stored(database) == {
        "zoo/": ({"en": "Zoo"}, 0),
        "food/": ({"en": "Eat"}, 1),
        "other/": (other.name, 2),
    }
    *changes, summary = ran.lines
    assert sorted(changes) == ["~ food/", "~ other/", "~ zoo/"]
    assert summary == "0 created, 3 changed, 2 known."


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["line 1: The columns must be"]),
        ("parent,slug\n", ["line 1: The columns must be"]),
        ("parent;slug;en\n", ["line 1: The columns must be"]),
        ("parent,slug,en,en\n", ["line 1: The columns must be"]),
        ("parent,slug,en\n,a,A,B\n", ["line 2: There are more cells"]),
        ('parent,slug,en\n,a,"A\n', ["line 2: unexpected end of data"]),
        ("parent,slug,en\n,Food,A\n\n,b,\n", ["line 2, slug: ", "line 4, name: Must"]),
        ("parent,slug,en,??\n,a,A,B\n", ["line 2, ??: "]),
        (f"parent,slug,en\n,a,{'x' * 81}\n", ["line 2, en: Must have at most 80 characters."]),
        ("parent,slug,en\nfood,a,A\n", ["line 2, parent: food/ is not in a line above."]),
        ("parent,slug,en\n,a,A\n,a,A\n", ["line 3, slug: a/ is there twice."]),
        ("parent,slug,en\n,a,\udcff\n", ["is not in UTF-8"]),
    ],
)
def test_a_file_with_errors(tmp_path: Path, text: str, problems: list[str]) -> None:
    path = tmp_path / "categories.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InvalidFile) as refused:
        read_category_file(path)
    found = refused.value.problems
    assert all(part in problem for part, problem in zip(problems, found, strict=True)), found


async def test_a_wrong_file_stores_nothing(
    world: World, database: Database, installation: Installation, tmp_path: Path
) -> None:
    ran = await load(installation, tmp_path, f"{FILE},Bad,X\n,bad,\n")
    assert (ran.status, ran.output) == (2, "")
    assert [line.partition(":")[0] for line in ran.errors.splitlines()] == [
        "line 6, slug",
        "line 7, name",
    ]
    assert await stored(database) == {}


async def test_a_tree_that_is_too_deep_or_too_large(
    world: World, database: Database, installation: Installation, tmp_path: Path
) -> None:
    deep = "parent,slug,en\n,a,A\na,a,A\na/a,a,A\na/a/a,a,A\na/a/a/a,a,A\na/a/a/a/a,a,A\n"
    ran = await load(installation, tmp_path, deep)
    assert (ran.status, "line 7, parent: " in ran.errors) == (2, True)
    many = "".join(f",c{number},C\n" for number in range(500))
    ran = await load(installation, tmp_path, f"parent,slug,en\n{many},d,D\n")
    assert (ran.status, "at most 500 categories" in ran.errors) == (2, True)
    await world.category("other")
    ran = await load(installation, tmp_path, f"parent,slug,en\n{many}")
    assert (ran.status, "at most 500 categories" in ran.errors) == (2, True)
    assert list(await stored(database)) == ["other/"]


async def test_no_file(installation: Installation) -> None:
    ran = await installation.run("categories", "load", "/nowhere/categories.csv")
    assert ran.status == 2
    assert "cannot be read" in ran.errors


async def test_the_example_that_ships(
    world: World, database: Database, installation: Installation
) -> None:
    ran = await installation.run("categories", "load", str(EXAMPLE))
    assert ran.status == 0, ran.errors
    assert len(await stored(database)) == 68
    assert all(
        {"en", "de", "es", "hi"} <= set(name) for name, _ in (await stored(database)).values()
    )
