"""Compares responses of the executor with those of graphql-core."""

import json
from collections.abc import Mapping
from typing import Any

Response = Mapping[str, Any]
Path = tuple[str | int, ...]
Errors = dict[Path, str]

UNRESOLVED = ("resolve to", "was resolved to", "is not a possible type")


def assert_equal(ours: Response, theirs: Response) -> None:
    """Compare data with the order of keys, and errors by the positions that they made null.

    Which of several errors below one nulled position is reported depends on time in graphql-core
    (GraphQL specification, section 6.4.4), so messages are compared where the paths are equal.
    """
    assert json.dumps(ours.get("data")) == json.dumps(theirs.get("data"))
    mine, wanted = _by_position(ours), _by_position(theirs)
    assert mine.keys() == wanted.keys()
    for position, errors in mine.items():
        for path, message in errors.items():
            assert wanted[position].get(path, message) == message


def _by_position(response: Response) -> dict[Path, Errors]:
    found: dict[Path, Errors] = {}
    for error in response.get("errors") or ():
        path = tuple(error.get("path") or ())
        found.setdefault(_nulled(response.get("data"), path), {})[path] = _message(error)
    return found


def _nulled(data: Any, path: Path) -> Path:
    """Return the part of the path that leads to null."""
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        data = data[key]
    assert data is None, f"There is an error at {path}, but also data."
    return path


def _message(error: Mapping[str, Any]) -> str:
    """Return the message and the code. The message of an unknown type is the executor's own."""
    message = str(error["message"])
    code = error.get("extensions", {}).get("code")
    is_unresolved = any(part in message for part in UNRESOLVED)
    return f"{code}: {'unresolved' if is_unresolved else message}"
