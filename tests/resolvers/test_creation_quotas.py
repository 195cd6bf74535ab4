"""Rows that stay when they are archived or ended can be created so often a day."""

from collections.abc import Callable
from typing import Any

import pytest

from models.quotas import QUOTAS, DailyAct
from models.vendors import MemberRole, Vendor
from tests.client import Client
from tests.factories.catalog import product_input
from tests.factories.offers import offer_input
from tests.factories.promos import promo_code_input
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.events.inputs import event_input

CREATIONS = [
    ("createEvent", "event", "archiveEvent", DailyAct.CREATE_EVENT, event_input),
    ("createOffer", "offer", "archiveOffer", DailyAct.CREATE_OFFER, offer_input),
    ("createProduct", "product", "archiveProduct", DailyAct.CREATE_PRODUCT, product_input),
    ("createPromoCode", "promoCode", "endPromoCode", DailyAct.CREATE_PROMO_CODE, promo_code_input),
]


@pytest.mark.parametrize(("create", "name", "end", "act", "minimal"), CREATIONS)
async def test_a_member_creates_so_many_a_day(
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
    create: str,
    name: str,
    end: str,
    act: DailyAct,
    minimal: Callable[..., dict[str, Any]],
) -> None:
    """Those that have ended count, and repeated requests do not. Each member has a quota."""
    monkeypatch.setitem(QUOTAS, act, QUOTAS[act]._replace(per_day=2))
    owner = await world.user()
    vendor = await world.vendor(owner)
    colleague = await new_member(world, vendor, MemberRole.MANAGER)
    client = api.signed_in(owner)
    for key in ("first", "first", "second"):
        made = await client.do(create, given(minimal, vendor, key), f"{name} {{ id }}")
        assert made["errors"] == []
        assert await client.refusal_codes(end, {f"{name}Id": made[name]["id"]}) == []
    refused = await client.refusal_codes(create, given(minimal, vendor, "third"))
    assert refused == ["DAILY_LIMIT_REACHED"]
    assert (
        await api.signed_in(colleague).refusal_codes(create, given(minimal, vendor, "third")) == []
    )


def given(minimal: Callable[..., dict[str, Any]], vendor: Vendor, key: str) -> dict[str, Any]:
    code = {"code": key.upper()} if minimal is promo_code_input else {}
    return minimal(vendor, **code) | {"idempotencyKey": key}
