"""Rows by their global ids, authorized by the access query of their type."""

from typing import Annotated, Any, cast

import strawberry
from strawberry import relay

from core.errors import BadInput, unreadable_id
from core.keyset import MAX_PAGE_SIZE
from engine.arguments import NodeId
from engine.context import Info
from engine.ids import decode_id_of_any_type
from engine.types import Rows, field

NodeIds = Annotated[
    list[strawberry.ID], strawberry.argument(description=f"Global ids, at most {MAX_PAGE_SIZE}.")
]


@strawberry.type
class NodeQuery:
    """Relay's root fields."""

    @field("Returns an object by its id. Null if it doesn't exist or the viewer can't see it.")
    async def node(self, info: Info, id: NodeId) -> relay.Node | None:
        found: relay.Node | None = await _load(info, id)
        return found

    @field(
        f"Returns up to {MAX_PAGE_SIZE} objects in the order of their ids. Null for those that"
        " don't exist or that the viewer can't see. A malformed id is null with an error.",
        sized_by="ids",
    )
    async def nodes(self, info: Info, ids: NodeIds) -> list[relay.Node | None]:
        if len(ids) > MAX_PAGE_SIZE:
            raise BadInput("Request at most {most} ids at once.", most=MAX_PAGE_SIZE)
        return cast("list[relay.Node | None]", [_load_text(info, id) for id in ids])


async def _load_text(info: Info, text: str) -> Any:
    """Load by an id that may be malformed: only its own entry fails, as `node` does."""
    try:
        id = relay.GlobalID.from_id(text)
    except relay.GlobalIDValueError as error:
        raise unreadable_id(text) from error
    return await _load(info, id)


def _load(info: Info, id: relay.GlobalID) -> Any:
    type_ = Rows.nodes.get(id.type_name)
    if type_ is None:
        raise unreadable_id(str(id))
    return info.context.loaders[type_.access].load(decode_id_of_any_type(id))
