"""Notifications about new offers, and about drafts that were not published on time."""

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer, PublishFailure
from models.vendors import Vendor, VendorFollow
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted
from services.offers.offers import live_offers

TITLE = UserMessage("A new offer from a business that you follow")


async def _offer_published(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    offer = await session.get_one(Offer, notification.subject_id)
    vendor = await session.get_one(Vendor, offer.vendor_id)
    locales = [user.locale]
    known = {
        "vendor": quoted(vendor.name, otherwise=translate(UserMessage("a business"), locales)),
        "offer": quoted(
            localized(offer.title, locales, offer.locale),
            otherwise=translate(UserMessage("an offer"), locales),
        ),
    }
    subject = translate(TITLE, locales)
    text = translate(UserMessage("{offer} at {vendor}", **known), locales)
    reason = UserMessage(
        "You follow this business on Haat. If you no longer want these mails, turn them off in your"
        " settings, or stop following it."
    )
    return NotificationText(
        push_title=subject,
        push_body=text,
        mail_subject=subject,
        mail_body=f"{text}\n\n{translate(reason, locales)}\n",
    )


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery if the offer is not live, or the user does not follow the vendor."""
    rows = (
        live_offers()
        .join(VendorFollow, col(VendorFollow.vendor_id) == Offer.vendor_id)
        .where(Offer.id == notification.subject_id, VendorFollow.user_id == notification.user_id)
    )
    found = (await session.exec(rows)).first()
    return SkipReason.NO_PART if found is None else None


async def _offer_not_published(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    offer = await session.get_one(Offer, notification.subject_id)
    locales = [user.locale]
    title = localized(offer.title, locales, offer.locale)
    body = WHY_NOT_PUBLISHED.get(offer.publish_failure, SINCE_CHANGED)
    named = UserMessage(
        body.template,
        offer=quoted(title, otherwise=translate(UserMessage("an offer"), locales)),
    )
    return NotificationText.of(UserMessage("An offer was not published on time"), named, locales)


async def _imported(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    return NotificationText.of(
        UserMessage("The import of offers has ended"),
        UserMessage("Open the app to see the result of each row."),
        [user.locale],
    )


SINCE_CHANGED = UserMessage("{offer} could not be published at its time. Open the app to see it.")
WHY_NOT_PUBLISHED: dict[PublishFailure | None, UserMessage] = {
    PublishFailure.VENDOR_NOT_APPROVED: UserMessage(
        "{offer} was not published: the business was not approved at that time."
    ),
    PublishFailure.VENDOR_SUSPENDED: UserMessage(
        "{offer} was not published: the business was suspended at that time."
    ),
    PublishFailure.OFFER_ENDED: UserMessage(
        "{offer} was not published: its end had passed. Change its times, and publish it."
    ),
    PublishFailure.QUOTA_USED_UP: UserMessage(
        "{offer} was not published: the packs of the business are used up. Buy another one, and"
        " publish it."
    ),
}

KINDS = [
    DeclaredKind(
        NotificationKind.OFFER_PUBLISHED,
        "A vendor that the user follows has published an offer: at most three of a vendor a day."
        " Also not shown in the app to users who have turned off its push messages and mails.",
        subject="Offer",
        compose=_offer_published,
        find_skip_reason=_find_skip_reason,
    ),
    DeclaredKind(
        NotificationKind.OFFER_NOT_PUBLISHED,
        "A draft could not be published at its time. For the members who manage the vendor's"
        " offers.",
        subject="Offer",
        compose=_offer_not_published,
    ),
    DeclaredKind(
        NotificationKind.OFFERS_IMPORTED,
        "An import of offers is DONE or has FAILED. For the member who imports.",
        subject="OfferImport",
        compose=_imported,
    ),
]
