"""Alerts: users who want to know when a variant can be bought again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from core.clock import now
from models.base import foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import delete_rows

MAX_ALERTS = 100  # of a user
ALERT_DAYS = 180


class StockAlert(SQLModel, table=True):
    """That a user wants to be notified once, when a variant is back in stock."""

    __tablename__ = "stock_alert"
    __table_args__ = (
        Index("stock_alert_variant_id_idx", "variant_id", "user_id"),
        Index("stock_alert_created_at_idx", "created_at"),
    )
    __privacy__ = delete_rows()

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    variant_id: UUID = foreign_key("variant", primary_key=True, index=False)
    created_at: datetime = timestamp(default_factory=now)


class StockAlertLimitReached(Refusal):
    message = "You can wait for at most {most} articles. Cancel some alerts first."
    meaning = "The user has the maximum number of alerts."
    remedy = "Let the user cancel alerts."


class VariantInStock(Refusal):
    message = "This is in stock. You can buy it now."
    meaning = "The variant can be bought, so there is nothing to wait for."
    remedy = "Refetch the variant."
