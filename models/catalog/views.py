"""Products that users have viewed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.clock import now
from models.base import foreign_key, timestamp
from models.personal_data import delete_rows

MAX_VIEWS = 50  # of a user; the oldest are deleted
VIEW_DAYS = 90


class ProductView(SQLModel, table=True):
    """That a user viewed a product, and when last."""

    __tablename__ = "product_view"
    __table_args__ = (
        Index("product_view_product_id_idx", "product_id"),
        Index("product_view_user_id_idx", "user_id", "viewed_at", "product_id"),
        Index("product_view_viewed_at_idx", "viewed_at"),
    )
    __privacy__ = delete_rows()

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    product_id: UUID = foreign_key("product", primary_key=True, index=False)
    viewed_at: datetime = timestamp(default_factory=now)
