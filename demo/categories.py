"""The tree of categories."""

from datetime import timedelta
from uuid import UUID

from demo.chance import Chance
from demo.rows import Town
from demo.words_categories import LOCALES, TREE
from models.vendors import Category

INDENT = 2


def draw_categories(chance: Chance, town: Town) -> None:
    """Each line of the table is a child of the last line that is indented less."""
    created = town.now - timedelta(days=800)
    branch: list[str] = []
    places: dict[UUID | None, int] = {}
    for line in TREE.strip().splitlines():
        slug, *names = (cell.strip() for cell in line.split("|"))
        depth = (len(line) - len(line.lstrip())) // INDENT
        parent = town.categories["/".join(branch[:depth]) + "/"] if depth else None
        parent_id = parent.id if parent else None
        branch = [*branch[:depth], slug]
        path = "/".join(branch) + "/"
        town.categories[path] = Category(
            id=chance.id_at(created),
            created_at=created,
            slug=slug,
            path=path,
            name=dict(zip(LOCALES, names, strict=False)),
            parent_id=parent_id,
            position=places.setdefault(parent_id, 0),
        )
        places[parent_id] += 1
