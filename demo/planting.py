"""From drawn rows to a planted town: signatures, inserts, and the jobs that end offers."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

import models.registry  # noqa: F401 - foreign keys name tables that the town has nothing in
from core.signing_keys import SigningKeys
from demo.rows import Town
from models.offers.offers import Offer
from services.jobs import task_name

Progress = Callable[[str, int, int], None]
Item = TypeVar("Item")

BATCH = 500

# As services/offers/offers.py defers the end of one offer that is published, but many at once.
DEFER_ENDS = text(
    """
    SELECT procrastinate_defer_jobs_v1(array_agg(
        ROW('default', :task, 0, NULL, NULL, CAST(args AS jsonb), at)
            ::procrastinate_job_to_defer_v1
    ))
    FROM unnest(CAST(:args AS text[]), CAST(:at AS timestamptz[])) AS given (args, at)
    """
)


def sign_vouchers(town: Town, keys: SigningKeys, progress: Progress) -> None:
    for batch in _batches("signatures", town.vouchers, progress):
        for voucher in batch:
            voucher.token = keys.sign_voucher(voucher.id, voucher.generation)


async def insert_rows(session: AsyncSession, town: Town, progress: Progress) -> None:
    for what, rows in town.rows():
        for batch in _batches(what, rows, progress):
            session.add_all(batch)
            await session.flush()
            session.expunge_all()


async def defer_ends(session: AsyncSession, town: Town, progress: Progress) -> None:
    """Every offer that was published and is not over yet ends by a job."""
    offers = [deal.offer for deal in town.deals if _will_end(deal.offer, town)]
    for batch in _batches("jobs", offers, progress):
        args = [json.dumps({"offer_id": str(offer.id)}) for offer in batch]
        given = {"task": task_name("expire_offer"), "args": args, "at": [o.ends_at for o in batch]}
        await session.execute(DEFER_ENDS, given)


def _will_end(offer: Offer, town: Town) -> bool:
    return offer.published_at is not None and offer.ends_at > town.now


def _batches(what: str, items: Sequence[Item], progress: Progress) -> Iterator[Sequence[Item]]:
    """Slices of the items; what is done of them is told when the next one is asked for."""
    for start in range(0, len(items), BATCH):
        progress(what, start, len(items))
        yield items[start : start + BATCH]
    progress(what, len(items), len(items))
