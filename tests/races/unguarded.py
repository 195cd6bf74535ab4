"""Counters that are read, then written, for controls: all callers have read before one writes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import bindparam
from sqlmodel import col, update

from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.offers.offers import Offer, OfferSoldOut
from models.promos.codes import PromoCode, PromoUsedUp
from models.redemptions import Voucher
from services.offers import claims
from services.promos import uses
from services.stock import levels
from services.stock.levels import UnitChange
from tests.races.meeting import Meeting

WRITE_CLAIMED = Statement(
    update(Offer)
    .where(col(Offer.id) == bindparam("offer_id"))
    .values(claimed=bindparam("number"))
    .returning(*columns_of(Offer)),
    Offer,
)
WRITE_VOUCHER = "UPDATE voucher SET used = $1, balance_minor = $2 WHERE id = $3"
WRITE_USED = "UPDATE promo_code SET used = $1 WHERE id = $2"
WRITE_STOCK = "UPDATE stock SET on_hand = $1, reserved = $2 WHERE variant_id = $3 RETURNING *"


async def count_claim(meeting: Meeting, connection: asyncpg.Connection, offer_id: UUID) -> Offer:
    """Count a claim as `_count_claim` of `services/offers/claims.py` does."""
    (offer,) = await claims.OFFER.fetch(connection, offer_id=offer_id)
    await meeting.arrive()
    if offer.capacity is not None and offer.claimed >= offer.capacity:
        raise OfferSoldOut
    number = offer.claimed + 1
    (counted,) = await WRITE_CLAIMED.fetch(connection, offer_id=offer_id, number=number)
    return counted


async def count_use(
    meeting: Meeting, connection: asyncpg.Connection, promo_code_id: UUID
) -> PromoCode:
    """Count a use as `_count_use` of `services/promos/uses.py` does."""
    code = await uses.CODE.fetch_one(connection, id=promo_code_id)
    assert code is not None
    await meeting.arrive()
    if code.remaining == 0:
        raise PromoUsedUp
    await connection.execute(WRITE_USED, code.used + 1, promo_code_id)
    return code


async def try_change(
    meeting: Meeting, unit: UnitOfWork, changes: Mapping[UUID, UnitChange]
) -> Mapping[UUID, asyncpg.Record]:
    """Change the stock of one variant as `try_change` of `services/stock/levels.py` does."""
    connection = await connection_of(unit)
    ((id, change),) = changes.items()
    (row,) = await levels.STOCK.fetch(connection, keys=[id])
    await meeting.arrive()
    on_hand, reserved = row["on_hand"] + change.came, row["reserved"] + change.held
    if reserved > on_hand:
        return {}
    (written,) = await connection.fetch(WRITE_STOCK, on_hand, reserved, id)
    return {id: written}


async def take_voucher(
    connection: asyncpg.Connection, voucher: Voucher, amount: int | None, _: Any
) -> bool:
    """Use a voucher as `_take_voucher` of `services/redemptions/uses.py` does, as it was read."""
    balance = voucher.balance_minor
    left = None if balance is None else balance - (amount or 0)
    await connection.execute(WRITE_VOUCHER, voucher.used + 1, left, voucher.id)
    return True
