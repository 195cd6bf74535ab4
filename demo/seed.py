"""Seeds an empty database with the demo data."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from core.security.passwords import hash_password
from core.security.signing_keys import SigningKeys
from demo.addresses import seal_addresses, seed_addresses
from demo.applications import seal_tax_ids, seed_applications
from demo.bookings.bought import seed_booking_orders
from demo.bookings.seed import seed_bookings
from demo.bookings.stored import defer_bookings
from demo.carts import seed_carts
from demo.catalog import seed_goods
from demo.categories import seed_categories
from demo.chat.conversations import seed_conversations
from demo.chat.settings import seed_chat_settings
from demo.dataset import Dataset
from demo.downloads.downloads import mark_copies, seed_downloads
from demo.events.bought import seed_ticket_orders
from demo.events.seed import seal_people, seed_events
from demo.events.stored import defer_deliveries, open_events
from demo.fraud import seed_fraud
from demo.gifts import seed_gift
from demo.identity.accounts import PASSWORD
from demo.identity.avatars import seed_avatars
from demo.identity.users import seal_emails, seed_users
from demo.insert import Progress, defer_expiry, defer_sizes, insert_rows, sign_vouchers, write_files
from demo.invoices import issue_invoices
from demo.ledger import post_adjustments, seed_wallets
from demo.notifications import seed_notifications
from demo.offers.drafts import check_file, seed_drafts
from demo.offers.likes import seed_likes
from demo.orders.seed import post_orders, seed_orders
from demo.packs import seed_packs, use_pack
from demo.payments.cards import CardTerminal, follow_cards
from demo.payouts import seed_payouts
from demo.promos import seed_promo_codes
from demo.purchases.purchases import post_purchases
from demo.purchases.top_ups import seed_top_ups
from demo.redemptions.redemptions import seed_refused_attempts
from demo.redemptions.vouchers import seed_vouchers
from demo.rng import SeededRandom
from demo.searches import seed_searches
from demo.shipping import seed_shipping
from demo.taxes import seal_tax_numbers, seed_taxes
from demo.vendors.cafe import seed_cafe, seed_customer
from demo.vendors.hours import seed_hours
from demo.vendors.profiles import seed_profiles
from demo.vendors.storefronts import seed_storefronts
from demo.vendors.vendors import seal_phones, seed_vendors
from gateways.storage.base import ObjectStorage
from models.identity.accounts import User
from services.transaction import Transactions

SEED = 560038
NOTIFY_AFTER = timedelta(minutes=1)
SEEDERS = (  # the order determines the random draws, and later ones use the rows of earlier ones
    seed_categories,
    seed_users,
    seed_cafe,
    seed_vendors,
    seed_vouchers,
    seed_customer,
    seed_refused_attempts,
    seed_likes,
    seed_chat_settings,
    seed_notifications,
    seed_conversations,
    seed_profiles,
    seed_applications,
    seed_avatars,
    seed_storefronts,
    seed_hours,
    seed_goods,
    seed_addresses,
    seed_promo_codes,
    seed_shipping,
    seed_carts,
    seed_taxes,
    seed_wallets,
    seed_downloads,
    seed_packs,
    seed_top_ups,
    seed_events,
    seed_bookings,
    seed_gift,
    seed_searches,
    seed_drafts,
    seed_fraud,
)


class NoListeners:
    """Publishes nothing: no client follows a database that is empty."""

    def publish(self, grown: Mapping[str, int]) -> None:
        pass


async def is_empty(session: AsyncSession) -> bool:
    """Return whether there are no users. Seeding is one transaction, so other rows can't exist."""
    return (await session.exec(select(User.id).limit(1))).first() is None


async def seed_database(
    database: Database,
    keys: SigningKeys,
    objects: ObjectStorage,
    progress: Progress,
    terminal: CardTerminal | None = None,
) -> None:
    """Insert all rows. What is paid by card is in the stand-in of a terminal, if there is one."""
    dataset = generate_dataset(now(), hash_password(PASSWORD), progress)
    sign_vouchers(dataset, keys, progress)
    seal_tax_ids(dataset, keys)
    seal_emails(dataset, keys)
    seal_addresses(dataset, keys)
    seal_phones(dataset, keys)
    seal_tax_numbers(dataset, keys)
    seed_orders(dataset, keys, terminal)
    seed_ticket_orders(dataset, keys)
    seed_booking_orders(dataset, keys)
    seal_people(dataset, keys)
    await write_files(objects, dataset, progress)
    async with Transactions(database, NoListeners(), notify_after=NOTIFY_AFTER).begin() as session:
        await insert_rows(session, dataset, progress)
        await post_adjustments(session, dataset)
        await post_purchases(session, dataset)
        await post_orders(session, dataset)
        if terminal is not None:
            await follow_cards(session, dataset, terminal)
        await use_pack(session, dataset)
        await check_file(session, dataset)
        await issue_invoices(session, dataset, keys)
        await seed_payouts(session, dataset, keys)
        await open_events(session, dataset)
        await defer_bookings(session, dataset)
        await defer_deliveries(session, dataset)
        await defer_expiry(session, dataset, progress)
        await mark_copies(session, dataset)
        await defer_sizes(session, dataset)


def generate_dataset(now: datetime, password_hash: str, progress: Progress) -> Dataset:
    rng, dataset = SeededRandom(SEED), Dataset(now, password_hash)
    for number, seeder in enumerate(SEEDERS):
        progress("data", number, len(SEEDERS))
        seeder(rng, dataset)
    progress("data", len(SEEDERS), len(SEEDERS))
    return dataset
