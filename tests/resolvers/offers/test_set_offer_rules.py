"""Rules of offers: versions that never change, which vouchers keep."""

from typing import Any

import pytest
from sqlmodel import select

from models.offers.terms import MAX_VERSIONS, OfferTerms
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.offers.ruled import RULES, inr, set_rules


@pytest.fixture
async def till(world: World) -> Till:
    return await Till.open(world, terms={"en": "On weekdays."})


async def versions(till: Till) -> list[OfferTerms]:
    rows = select(OfferTerms).where(OfferTerms.offer_id == till.offer.id)
    async with till.world.database.session() as session:
        return sorted((await session.exec(rows)).all(), key=lambda one: one.version)


async def test_set_all_rules_and_read_them(till: Till, api: Client, world: World) -> None:
    scanner = await world.scanner(till.vendor, till.scanner)
    given: dict[str, Any] = {
        "minimumSpend": inr(50_000),
        "firstVisit": True,
        "household": True,
        "maximumUses": 3,
        "voucherBalance": inr(90_000),
        "stacking": {"kind": "ONE_PER_GROUP", "group": "food"},
        "branches": [{"name": "Fort", "scannerIds": [gid(scanner)]}],
        "daysHours": {
            "fromDay": "2026-05-01",
            "untilDay": "2026-05-31",
            "spans": [{"weekday": 1, "opens": "09:00", "closes": "02:00"}],
        },
    }
    terms = (await set_rules(api, till, **given))["offer"]["currentTerms"]
    assert (terms["version"], terms["text"]) == (1, "On weekdays.")
    amounts = {
        name: {"amountMinor": given[name]["amountMinor"]}
        for name in ("minimumSpend", "voucherBalance")
    }
    assert terms["rules"] == given | amounts


async def test_each_change_is_a_version_and_a_voucher_keeps_its_own(
    till: Till, api: Client
) -> None:
    await set_rules(api, till, maximumUses=3)
    voucher = await till.claim(api)
    await set_rules(api, till, minimumSpend=inr(100))
    answer = await set_rules(api, till, minimumSpend=inr(100))  # the same: no new version
    assert answer["offer"]["currentTerms"]["version"] == 2
    await set_rules(api, till)
    kept = await versions(till)
    assert [one.rules for one in kept] == [{"maximum_uses": 3}, {"minimum_spend": 100}, {}]
    assert voucher.terms_id == kept[0].id
    query = """query ($id: ID!) {
        voucher(id: $id) {
            maxUses used balanceLeft { decimal } claimedTerms { version rules { maximumUses } }
        }
    }"""
    answer = await api.signed_in(till.customer).ask(query, id=gid(voucher))
    assert answer["voucher"] == {
        "maxUses": 3,
        "used": 0,
        "balanceLeft": None,
        "claimedTerms": {"version": 1, "rules": {"maximumUses": 3}},
    }


async def test_a_change_of_the_text_is_a_version_with_the_same_rules(
    till: Till, api: Client
) -> None:
    await set_rules(api, till, maximumUses=3)
    client = api.signed_in(await till.manager())
    changes = {"offerId": gid(till.offer), "terms": [{"locale": "en", "text": "On Sundays."}]}
    assert (await client.do("updateOffer", changes, "offer { id }"))["errors"] == []
    first, second = await versions(till)
    assert first.rules == second.rules
    assert (first.text, second.text) == ({"en": "On weekdays."}, {"en": "On Sundays."})


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({"minimumSpend": inr(0)}, ["rules", "minimumSpend"]),
        ({"maximumUses": 0}, ["rules", "maximumUses"]),
        (
            {"voucherBalance": {"amountMinor": "5", "currency": "EUR"}},
            ["rules", "voucherBalance", "currency"],
        ),
        ({"stacking": {"kind": "ONE_PER_GROUP"}}, ["rules", "stacking"]),
        ({"daysHours": {}}, ["rules", "daysHours"]),
    ],
)
async def test_refuse_rules_that_are_none(
    till: Till, api: Client, rules: dict[str, Any], path: list[str]
) -> None:
    """Failure 7 of the design: a blank setting must not switch a limit off."""
    client = api.signed_in(await till.manager())
    answer = await client.do("setOfferRules", {"offerId": gid(till.offer), "rules": rules}, RULES)
    (error,) = answer["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", path)
    assert await versions(till) == []


async def test_refuse_scanners_of_other_vendors(till: Till, api: Client, world: World) -> None:
    other = await world.scanner(await world.vendor(), till.scanner)
    rules = {"branches": [{"name": "Fort", "scannerIds": [gid(other)]}]}
    client = api.signed_in(await till.manager())
    answer = await client.do("setOfferRules", {"offerId": gid(till.offer), "rules": rules}, RULES)
    (error,) = answer["errors"]
    assert error["field"] == ["rules", "branches", "0", "scannerIds", "0"]


async def test_refuse_rules_by_others(till: Till, api: Client, world: World) -> None:
    given = {"offerId": gid(till.offer), "rules": {"maximumUses": 2}}
    staff = await till.staff()
    manager = await world.user()
    await world.member(await world.vendor(), manager, MemberRole.MANAGER)
    for user in (till.customer, till.scanner, staff, manager):
        answer = await api.signed_in(user).do("setOfferRules", given, RULES)
        assert [one["code"] for one in answer["errors"]] == ["NOT_FOUND"]
    assert await versions(till) == []


async def test_refuse_more_versions_than_an_offer_can_have(
    till: Till, api: Client, world: World
) -> None:
    rows = [
        OfferTerms(offer_id=till.offer.id, version=number, currency="INR", locale="en")
        for number in range(1, MAX_VERSIONS + 1)
    ]
    await world.save(*rows)
    await world.change(till.offer, terms_id=rows[-1].id)
    client = api.signed_in(await till.manager())
    given = {"offerId": gid(till.offer), "rules": {"maximumUses": 2}}
    answer = await client.do("setOfferRules", given, RULES)
    assert [one["code"] for one in answer["errors"]] == ["TOO_MANY_TERMS"]
