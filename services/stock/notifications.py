"""Notifications about stock."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.catalog.products import Product
from models.catalog.variants import Variant
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.stock.levels import Stock
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted
from services.stock.notices import is_offered


async def _low_stock(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    stock = await session.get_one(Stock, notification.subject_id)
    variant = await session.get_one(Variant, stock.variant_id)
    body = UserMessage(
        "{product} ({sku}) has few units left. Open the app to see how many.",
        product=await _title(session, variant, user),
        sku=quoted(variant.sku, otherwise="SKU"),
    )
    return NotificationText.of(UserMessage("Stock is low"), body, [user.locale])


async def _back_in_stock(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    variant = await session.get_one(Variant, notification.subject_id)
    title = await _title(session, variant, user)
    body = UserMessage("{product} can be bought again, as long as there is some.", product=title)
    return NotificationText.of(UserMessage("Back in stock"), body, [user.locale])


async def _title(session: AsyncSession, variant: Variant, user: User) -> str:
    product = await session.get_one(Product, variant.product_id)
    title = localized(product.title, [user.locale], product.locale)
    return quoted(title, otherwise=translate(UserMessage("An article"), [user.locale]))


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery if the variant was sold out or hidden again."""
    offered = await is_offered(session, notification.subject_id)
    return None if offered else SkipReason.NO_PART


KINDS = [
    DeclaredKind(
        NotificationKind.LOW_STOCK,
        "The stock of a vendor's variant has fallen to the number that its members have set. For"
        " members who can change stock.",
        subject="StockLevel",
        compose=_low_stock,
    ),
    DeclaredKind(
        NotificationKind.BACK_IN_STOCK,
        "A variant that the user has waited for can be bought again.",
        subject="Variant",
        compose=_back_in_stock,
        find_skip_reason=_find_skip_reason,
    ),
]
