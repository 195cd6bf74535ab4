"""Lines of carts that were ordered."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from services.carts.entries import CartChanged
from services.journal import append as journal
from services.journal.topics import user_topic

REMOVE = Statement(
    text(
        """
        WITH ordered AS (
            DELETE FROM cart_line WHERE cart_id = :cart_id AND variant_id = ANY(:variant_ids)
        )
        UPDATE cart SET version = version + 1, updated_at = :current_time WHERE id = :cart_id
        """
    ).bindparams(
        bindparam("cart_id", type_=Uuid()),
        bindparam("variant_ids", type_=ARRAY(Uuid())),
        current_time(),
    )
)


async def remove_ordered(
    unit: UnitOfWork, cart_id: UUID, user_id: UUID, variant_ids: Sequence[UUID]
) -> None:
    """Remove what was ordered from a user's cart, which is locked."""
    connection = await connection_of(unit)
    await REMOVE.execute(connection, cart_id=cart_id, variant_ids=variant_ids)
    journal.append(unit, CartChanged(cart_id), to=[user_topic(user_id)])
