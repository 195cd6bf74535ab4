"""Expansion: ids in an answer become the objects that they name."""

from typing import Any

from payments_stand_in.store import Json, ObjectStore, visible


def expand(store: ObjectStore, answer: Json, paths: Any) -> Json:
    """Expand `latest_charge.balance_transaction` and the like. Unknown paths change nothing."""
    named = paths.values() if isinstance(paths, dict) else [paths] if paths else []
    for path in named:
        if isinstance(path, str):
            _expand(store, answer, path.split("."))
    return answer


def _expand(store: ObjectStore, value: Any, path: list[str]) -> None:
    if isinstance(value, list):
        for one in value:
            _expand(store, one, path)
    elif isinstance(value, dict) and path and path[0] in value:
        name, *rest = path
        inner = value[name]
        if isinstance(inner, str) and (found := store.find(inner)):
            value[name] = inner = visible(found)
        _expand(store, inner, rest)
