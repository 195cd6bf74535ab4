"""Sales at the desk of a vendor, which takes the money itself."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key
from models.personal_data import keep_rows


class DeskPayment(StrEnum):
    """How tickets were paid at the desk. COMP ones are complimentary: they cost nothing."""

    CASH = "CASH"
    CARD = "CARD"
    COMP = "COMP"


class DeskSale(Row, table=True):
    """Tickets that a member sold at the desk, or gave away. `hold_id` has their lines."""

    __tablename__ = "desk_sale"
    __table_args__ = (
        UniqueConstraint("hold_id"),
        CheckConstraint("total >= 0 AND (paid <> 'COMP' OR total = 0)", name="total"),
        Index("desk_sale_event_date_id_idx", "event_date_id", "created_at", "id"),
    )
    __privacy__ = keep_rows(of="sold_by_id", none="currency total")

    event_date_id: UUID = foreign_key("event_date", index=False)
    hold_id: UUID = foreign_key("ticket_hold", index=False)
    sold_by_id: UUID = foreign_key("user")
    paid: DeskPayment = enum_column(DeskPayment)
    currency: str = Field(max_length=3)
    total: int = Field(sa_type=BigInteger)
