"""Statements that select some columns, and find rows and values with others."""

from typing import Any

import pytest
from sqlmodel import col, func, select

from core.database import Database
from core.settings import Settings
from core.statements.selected import (
    AnySelect,
    Columns,
    Joined,
    Match,
    Selected,
    columns_of,
    join,
    select_columns,
    take_found,
)
from core.statements.statement import Statement, any_of
from models.offers.offers import Offer, OfferLike
from models.vendors import Vendor, VendorStatus
from tests.factories.world import World

COLUMNS = frozenset({"id", "status"})


def _vendor(matches: Match, columns: Columns | None) -> AnySelect:
    selected = Selected(Vendor, columns or COLUMNS)
    return select_columns(Vendor, selected=selected).where(matches(col(Vendor.id)))


def _likes(matches: Match, _: Columns | None) -> Any:
    offer_id = col(OfferLike.offer_id)
    return select(offer_id, func.count()).where(matches(offer_id)).group_by(offer_id)


JOINED = (
    Joined("vendor_id", "vendors", _vendor, None, Vendor, COLUMNS),
    Joined("id", "likes", _likes, 0),
)
SELECTED = Selected(Offer, frozenset({"id", "vendor_id"}), JOINED)


def _by_ids(selected: Selected) -> Statement[Offer]:
    rows = select(*columns_of(Offer, selected)).where(any_of(col(Offer.id)))
    return Statement(join(rows, selected, ("id",), descending=True), Offer, selected)


@pytest.mark.parametrize("prepared", [True, False])
async def test_what_is_found_with_rows_is_taken_by_its_keys(
    world: World, settings: Settings, prepared: bool
) -> None:
    """Also in the mode for PgBouncer. Two of the rows refer to one row."""
    vendor, other = await world.vendor(), await world.vendor(status=VendorStatus.PENDING)
    offers = [await world.offer(one) for one in (vendor, vendor, other)]
    await world.like(offers[1], await world.user())
    database = Database(settings.sqlalchemy_url, prepared_statements=prepared)
    statement = _by_ids(SELECTED)
    rows = await database.reads.fetch(statement, {"keys": [one.id for one in offers]})
    await database.close()
    assert [row.id for row in rows] == [one.id for one in reversed(offers)], "in the order"
    vendors = take_found(rows, "vendor_id", "vendors") or []
    assert [(one.id, one.status) for one in vendors] == [
        (other.id, VendorStatus.PENDING),
        (vendor.id, VendorStatus.APPROVED),
        (vendor.id, VendorStatus.APPROVED),
    ]
    assert vendors[1] is vendors[2], "a row with a key is made once"
    assert take_found(rows, "id", "likes") == [0, 1, 0]
    assert take_found(rows, "id", "vendors") is None
    assert take_found([*rows, vendor], "id", "likes") is None, "rows of two statements"
    with pytest.raises(KeyError):
        _ = rows[0].title


def test_what_is_not_selected_is_not_joined() -> None:
    statement = _by_ids(Selected(Offer, SELECTED.columns))
    assert "LATERAL" not in statement.sql


async def test_a_row_that_others_are_joined_with_is_read_once(
    world: World, settings: Settings
) -> None:
    """A join by another column does not have it."""
    other = await world.vendor(status=VendorStatus.PENDING)
    offers = [await world.offer(one) for one in (await world.vendor(), other)]
    vendor_id = col(Vendor.id)
    rows = select(*columns_of(Offer, SELECTED)).where(any_of(col(Offer.id)))
    joined = rows.join(Vendor, vendor_id == Offer.vendor_id)
    statement = _joined(joined)
    assert statement.sql.count("vendor.status") == 1
    database = Database(settings.sqlalchemy_url)
    keys = {"keys": [one.id for one in offers]}
    found = await database.reads.fetch(statement, keys)
    expected = await database.reads.fetch(_joined(rows), keys)
    await database.close()
    assert [tuple(row) for row in found] == [tuple(row) for row in expected]
    assert take_found(found, "vendor_id", "vendors") == take_found(expected, "vendor_id", "vendors")
    elsewhere = _joined(rows.join(Vendor, vendor_id == Offer.category_id))
    assert "LATERAL (SELECT vendor.id" in elsewhere.sql


def _joined(rows: Any) -> Statement[Offer]:
    return Statement(join(rows, SELECTED, ("id",)), Offer, SELECTED)
