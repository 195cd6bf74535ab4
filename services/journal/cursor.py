"""Where a follower stands: how far it has come in each topic it follows."""

import base64
import json
from collections.abc import Iterable, Mapping

from core.errors import BadInput, CursorExpired


class OtherTopics(BadInput):
    """A cursor that is of other topics than these."""


def write(epoch: str, places: Mapping[str, int]) -> str:
    """An opaque cursor. The epoch tells this database from every other and its former selves."""
    text = json.dumps([epoch, *sorted(places.items())], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, epoch: str, topics: Iterable[str]) -> dict[str, int]:
    """The places a cursor names.

    `BadInput` for what is no cursor of these topics; `CursorExpired` for one of
    another epoch, whose numbers mean nothing here.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        written_in, *pairs = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        places = {topic: seq for topic, seq in pairs if isinstance(seq, int) and seq >= 0}
    except (ValueError, TypeError, RecursionError) as error:
        raise BadInput("This is not a valid subscription cursor.") from error
    if set(places) != set(topics):
        raise OtherTopics("This cursor belongs to a different subscription.")
    if written_in != epoch:
        raise CursorExpired(
            "This cursor is no longer valid. Refetch the state and subscribe from there."
        )
    return places
