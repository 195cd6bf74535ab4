"""Seeds the category tree."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from demo.dataset import Dataset
from demo.rng import SeededRandom
from demo.toml_data import load
from models.categories import Category


def seed_categories(rng: SeededRandom, dataset: Dataset) -> None:
    """Add every category. The path of a parent is one shorter."""
    created = dataset.now - timedelta(days=800)
    siblings: Counter[UUID | None] = Counter()
    for entry in load("categories")["categories"]:
        path: str = entry["path"]
        parent_path, _, slug = path.removesuffix("/").rpartition("/")
        parent_id = dataset.categories[f"{parent_path}/"].id if parent_path else None
        dataset.categories[path] = Category(
            id=rng.uuid7_at(created),
            created_at=created,
            slug=slug,
            path=path,
            name=entry["name"],
            parent_id=parent_id,
            position=siblings[parent_id],
        )
        siblings[parent_id] += 1
