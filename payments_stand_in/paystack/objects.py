"""Objects of the Paystack face, with numbers as ids."""

from datetime import UTC, datetime
from typing import Any

from payments_stand_in.paystack.calls import NUMBERS
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json


def add(stand_in: StandIn, kind: str, key: str | None = None, **members: Any) -> Json:
    """Add an object. It is found by its `key`, which is its id by default."""
    id, now = next(NUMBERS), moment()
    object = {"id": id, "domain": "test", "createdAt": now, "updatedAt": now, **members}
    stand_in.store.put(f"paystack_{kind}", key or str(id), object)
    return object


def moment() -> str:
    """Return the time as Paystack writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
