"""Seats that a user has chosen: all of them free, and none left single that needs not be."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.statement import KEYS, Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import NotFound
from models.events.events import OrphanRule
from models.events.seats.seat_maps import (
    ORPHAN_FREE_PERCENT,
    LeavesSingleSeat,
    SeatPlace,
    SeatRow,
    SeatsTaken,
    leaves_single,
    mask_without_single,
)
from services.events.holds.sale import OpenSale
from services.events.seats.places import OF_SEATS, is_general, lock_rows, read_rows

_DATE = bindparam("event_date_id", type_=Uuid())
FITS_ELSEWHERE = Statement(
    text(
        """
        SELECT row_id FROM seat_row
        WHERE event_date_id = :event_date_id AND category_id = :category_id
            AND row_id <> ALL(:row_ids) AND sizes & :mask <> 0 AND NOT waitlist_first
        LIMIT 1
        """
    ).bindparams(
        _DATE,
        bindparam("category_id", type_=Uuid()),
        bindparam("row_ids", type_=ARRAY(Uuid())),
        bindparam("mask", type_=BigInteger()),
    )
)
FREE_SHARE = Statement(
    text(
        """
        SELECT count(*) FILTER (WHERE state = 'FREE') AS free, count(*) AS seats
        FROM seat_place WHERE event_date_id = :event_date_id AND state <> 'KILLED'
        """
    ).bindparams(_DATE)
)


async def choose_seats(
    unit: UnitOfWork, sale: OpenSale, seat_ids: Sequence[UUID], own: Collection[UUID] = ()
) -> tuple[list[SeatPlace], list[SeatRow]]:
    """Return seats of the date that are free, and their rows, which are locked.

    Seats that are kept for users who wait count as taken, but for those in `own`, which the hold
    has given back for them. Raises `NotFound`, `SeatsTaken` and `LeavesSingleSeat`.
    """
    connection = await connection_of(unit)
    given = await OF_SEATS.fetch(connection, event_date_id=sale.date.id, **{KEYS: seat_ids})
    if len(given) != len(seat_ids):
        raise NotFound(field=["seatIds"])
    rows = await lock_rows(unit, sale.date.id, {place.row_id for place in given})
    places = await read_rows(unit, sale.date.id, [row.row_id for row in rows])
    wanted = set(seat_ids)
    chosen = [place for row in places.values() for place in row if place.seat_id in wanted]
    by_id = {row.row_id: row for row in rows}
    taken = [
        place.seat_id
        for place in chosen
        if place.state != "FREE" or (by_id[place.row_id].keeps(place) and place.seat_id not in own)
    ]
    if taken:
        raise SeatsTaken(seat_ids=taken, field=["seatIds"])
    await _ensure_no_single(unit, sale, rows, places, wanted)
    return chosen, rows


async def _ensure_no_single(
    unit: UnitOfWork,
    sale: OpenSale,
    rows: Sequence[SeatRow],
    places: Mapping[UUID, Sequence[SeatPlace]],
    wanted: set[UUID],
) -> None:
    """Raise `LeavesSingleSeat` by the event's rule: not at the desk, nor if few are left."""
    rule = sale.event.orphan_rule
    if rule is OrphanRule.OFF or sale.at_desk:
        return
    row_ids = [row.row_id for row in rows]
    single: list[UUID] = []
    for row in rows:
        general = {place.pos: place for place in places[row.row_id] if is_general(place)}
        chosen = {pos for pos, place in general.items() if place.seat_id in wanted}
        if not chosen or not leaves_single(general, chosen, OrphanRule.STRICT, elsewhere=True):
            continue  # also accessible seats alone: these leave none
        elsewhere = rule is OrphanRule.STRICT and await _fits_elsewhere(
            unit, row, row_ids, len(chosen)
        )
        left = leaves_single(general, chosen, rule, elsewhere=elsewhere)
        single += [general[pos].seat_id for pos in left]
    if single and not await _few_are_left(unit, sale.date.id):
        raise LeavesSingleSeat(seat_ids=single, field=["seatIds"])


async def _fits_elsewhere(
    unit: UnitOfWork, row: SeatRow, row_ids: Sequence[UUID], wanted: int
) -> bool:
    found = await FITS_ELSEWHERE.fetch(
        await connection_of(unit),
        event_date_id=row.event_date_id,
        category_id=row.category_id,
        row_ids=row_ids,
        mask=mask_without_single(wanted),
    )
    return bool(found)


async def _few_are_left(unit: UnitOfWork, event_date_id: UUID) -> bool:
    (share,) = await FREE_SHARE.fetch(await connection_of(unit), event_date_id=event_date_id)
    return bool(share["free"] * 100 < share["seats"] * ORPHAN_FREE_PERCENT)
