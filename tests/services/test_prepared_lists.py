"""Which lists are read by statements that are written once, and what they keep."""

import pytest

from core.ids import new_id
from core.keyset import Window
from models.offers.offers import OfferState
from services.near import Near
from services.offers.filters import OfferFilter, OfferOrder
from services.offers.search import search_offers
from services.vendors.queries import VendorFilter, VendorOrder, search_vendors
from services.viewer import ANONYMOUS, Viewer

PREPARED = [
    (OfferFilter(), None),
    (OfferFilter(country="DE"), OfferOrder.NEWEST),
    (OfferFilter(vendor_id=new_id(), category_id=new_id()), OfferOrder.ENDING_SOON),
    (OfferFilter(states=frozenset({OfferState.DRAFT})), None),
    (OfferFilter(country="DE"), OfferOrder.ENDING_SOON),
    (OfferFilter(pin_code="10115"), None),
]
IN_SESSIONS = [
    (OfferFilter(states=frozenset({OfferState.DRAFT}), country="DE"), None),
    (OfferFilter(states=frozenset({OfferState.DRAFT}), pin_code="10115"), None),
    (OfferFilter(near=Near(28.6, 77.2, 5)), None),
    (OfferFilter(search="coffee"), None),
]


@pytest.mark.parametrize(("wanted", "order"), PREPARED)
def test_values_are_no_part_of_a_lists_statements(
    wanted: OfferFilter, order: OfferOrder | None
) -> None:
    one, other = Viewer(new_id()), Viewer(new_id(), session_id=new_id())
    first, second = (search_offers(viewer, wanted, order) for viewer in (one, other))
    assert first.statements
    assert first.statements is second.statements
    assert first.values == second.values, "the reader adds the viewer's ids"
    sql = first.statements.page(Window()).sql
    for value in (one.user_id, wanted.vendor_id, wanted.country, wanted.pin_code):
        assert f"'{value}'" not in sql


@pytest.mark.parametrize(("wanted", "order"), IN_SESSIONS)
def test_lists_whose_plan_depends_on_values_are_read_with_sessions(
    wanted: OfferFilter, order: OfferOrder | None
) -> None:
    assert search_offers(ANONYMOUS, wanted, order).statements is None


def test_conditions_and_kinds_of_viewers_have_their_own_statements() -> None:
    user = Viewer(new_id())
    viewers = [ANONYMOUS, user, Viewer(user.user_id, admin=True)]
    lists = [
        *(search_vendors(viewer, VendorFilter()) for viewer in viewers),
        search_vendors(user, VendorFilter(country="DE")),
        search_vendors(user, VendorFilter(), VendorOrder.NEWEST),
    ]
    assert len({id(one.statements) for one in lists}) == len(lists)
    pages = {
        one.statements.page(window).sql
        for one in lists
        if one.statements
        for window in (Window(), Window(last=5), Window(first=1))
    }
    assert len(pages) == 3 * len(lists)
