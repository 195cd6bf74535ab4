"""Cursors: a subscriber's position in each of its topics."""

import base64
import json
from collections.abc import Iterable, Mapping

from core.errors import CursorExpired, MalformedRequest


class OtherTopics(MalformedRequest):
    """The cursor belongs to other topics."""


def encode(epoch: str, position: Mapping[str, int]) -> str:
    """Return an opaque cursor.

    The epoch identifies the database and its history: a restore reuses the numbers.
    """
    text = json.dumps([epoch, *sorted(position.items())], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, epoch: str, topics: Iterable[str]) -> dict[str, int]:
    """Return a cursor's position: a sequence number per topic.

    Raises `MalformedRequest` if it is not a cursor of these topics, and `CursorExpired` if it is of
    another epoch.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        cursor_epoch, *pairs = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        position = {topic: seq for topic, seq in pairs if isinstance(seq, int) and seq >= 0}
    except (ValueError, TypeError, RecursionError) as error:
        raise MalformedRequest("This is not a valid subscription cursor.") from error
    if set(position) != set(topics):
        raise OtherTopics("This cursor belongs to a different subscription.")
    if cursor_epoch != epoch:
        raise CursorExpired
    return position
