"""Links to the tickets of orders that buyers get as text messages."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Row, foreign_key
from models.personal_data import delete_rows

HASH_BYTES = 32  # of SHA-256
MAX_TICKETS = 100  # of a link


class TicketLink(Row, table=True):
    """A short link to the tickets of an order that its buyer holds. Its secret is hashed.

    The keys of signed links last two hours after a rotation, and these links until the dates are
    over. There is one for an order: a message that is sent again replaces its secret.
    """

    __tablename__ = "ticket_link"
    __table_args__ = (
        UniqueConstraint("order_id"),
        CheckConstraint(f"octet_length(secret_hash) = {HASH_BYTES}", name="secret_hash"),
    )
    __privacy__ = delete_rows(secrets="secret_hash")

    order_id: UUID = foreign_key("order", index=False)
    user_id: UUID = foreign_key("user")
    secret_hash: bytes = Field(unique=True)
