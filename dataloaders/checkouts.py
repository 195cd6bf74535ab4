"""Loaders of checkouts, and of their prices."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col

from core.clock import now
from engine.loaders import Loader, visible
from engine.reads.source import ReadSource
from models.checkouts import Checkout
from services.checkouts.access import visible_checkouts
from services.checkouts.quote import Quote, quote_checkout


async def _quotes(source: ReadSource, ids: Sequence[UUID]) -> Mapping[UUID, Quote | None]:
    """Price the viewer's open checkouts, one after another: an operation has one or two."""
    rows = visible_checkouts(source.viewer).where(col(Checkout.id).in_(ids))
    async with source.read_session() as session:
        return {
            one.id: await quote_checkout(session, source.viewer, source.sealer, one)
            for one in (await session.exec(rows)).all()
            if one.is_open(now())
        }


visible_checkout = visible(Checkout, visible_checkouts)
quote_of_checkout: Loader[UUID, Quote | None] = Loader(_quotes, None)
