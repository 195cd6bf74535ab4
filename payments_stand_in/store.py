"""Objects in memory: a bounded number of each kind, the oldest are forgotten first."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

MAX_OBJECTS = 50_000  # of each kind
Json = dict[str, Any]


class NoSuchObject(Exception):
    """No object has this id."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"No such {kind}: '{id}'")
        self.kind = kind


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def visible(value: Any) -> Any:
    """Return a copy without the members whose names begin with `_`, which are the stand-in's."""
    if isinstance(value, dict):
        return {name: visible(one) for name, one in value.items() if not name.startswith("_")}
    if isinstance(value, list):
        return [visible(one) for one in value]
    return value


class ObjectStore:
    """Objects by kind and id, in the order in which they were made."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, Json]] = {}

    def add(self, kind: str, prefix: str, **members: Any) -> Json:
        """Add an object with a new id and the members that all objects of Stripe have."""
        object = {
            "id": new_id(prefix),
            "object": kind,
            "created": int(time.time()),
            "livemode": False,
            **members,
        }
        self.put(kind, object["id"], object)
        return object

    def put(self, kind: str, id: str, object: Json) -> None:
        objects = self.kinds.setdefault(kind, {})
        objects[id] = object
        if len(objects) > MAX_OBJECTS:
            del objects[next(iter(objects))]

    def get(self, kind: str, id: str) -> Json:
        """Return an object. Raises `NoSuchObject`."""
        try:
            return self.kinds[kind][id]
        except KeyError:
            raise NoSuchObject(kind, id) from None

    def remove(self, kind: str, id: str) -> None:
        self.get(kind, id)
        del self.kinds[kind][id]

    def find(self, id: str) -> Json | None:
        """Return the object of any kind that has this id."""
        return next((objects[id] for objects in self.kinds.values() if id in objects), None)

    def newest(self, kind: str) -> Iterator[Json]:
        """Yield the objects of a kind, the newest first."""
        return reversed(list(self.kinds.get(kind, {}).values()))
