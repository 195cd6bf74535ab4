"""The subjects of payments: orders, and purchases from the platform. Both are settled alike."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.payments.payments import Payment
from models.payments.refunds import RefundReason


class Subject(Protocol):
    """The order or purchase that a payment is for, locked with its payments."""

    @property
    def user_id(self) -> UUID:
        """The payer."""
        ...

    @property
    def payments(self) -> Sequence[Payment]: ...

    async def load(self, session: AsyncSession) -> None:
        """Lock and read it again, as it is now."""
        ...

    def find_obstacle(self, payment: Payment) -> RefundReason | None:
        """Return why money of a payment goes back, None if it is wanted."""
        ...

    async def confirm(self, session: AsyncSession, payment: Payment) -> None:
        """Confirm it by the money of a payment. Raises a refusal if it cannot be had any more."""
        ...

    async def payment_ended(self, session: AsyncSession, payment: Payment) -> None:
        """Follow a payment that was cancelled or failed."""
        ...

    def publish(self, session: AsyncSession) -> None:
        """Publish that its payments changed."""
        ...
