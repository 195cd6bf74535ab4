"""Imports of offers: checked first, applied in batches, and continued by a second run."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from core.clock import now
from models.offers import terms
from models.offers.imports import MAX_ROWS, OfferImport
from models.offers.offers import DiscountKind, OfferState
from models.uploads import UploadPurpose
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.jobs.offers.importer import (
    FILE,
    HEADER,
    IMPORT,
    OF_VENDOR,
    SEEN,
    WINDOW,
    OfferImporter,
    outcomes,
    results,
)
from tests.resolvers.invoices.issued import download

REPORT = "query ($id: ID!) { offerImport(id: $id) { report { url expiresAt } } }"
TERMS = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Offer {
    currentTerms { version text rules { firstVisit maximumUses } }
} } }"""
NOTIFIED = """{ viewer { notifications {
    nodes { kind subject { ... on OfferImport { dryRun } } } } } }"""


async def test_a_dry_run_changes_nothing_and_the_same_file_is_imported_afterwards(
    shop: OfferImporter,
) -> None:
    upload = await shop.upload("\ufeff" + FILE.replace(",", ";"))
    refused = await shop.client.refusal_codes("importOffers", shop.input(upload))
    assert refused == ["IMPORT_NOT_CHECKED"]
    id = await shop.start(upload, dry=True)
    refused = await shop.client.refusal_codes("importOffers", shop.input(upload))
    assert refused == ["IMPORT_NOT_CHECKED"]
    dry = await shop.finish(id)
    assert (dry["state"], dry["created"], dry["rowCount"]) == ("DONE", 2, 2)
    assert outcomes(dry) == [("CREATED",), ("CREATED",)]
    assert [one["offer"] for one in dry["rows"]["nodes"]] == [None, None]
    assert await shop.offers() == []
    seen = await shop.finish(await shop.start(upload, dry=False))
    assert (seen["state"], seen["created"], seen["refused"]) == ("DONE", 2, 0)
    cake, tea = await shop.offers()
    assert {one["offer"]["id"] for one in seen["rows"]["nodes"]} == {gid(cake), gid(tea)}
    assert (tea.external_id, tea.title, tea.percent) == ("TEA", {"en": "Cheap tea"}, 20)
    assert tea.state is OfferState.DRAFT
    # Days of the vendor's time zone, the last one as a whole.
    assert tea.starts_at == datetime(2029, 12, 31, 18, 30, tzinfo=UTC)
    assert tea.ends_at == datetime(2030, 1, 31, 18, 30, tzinfo=UTC)
    notices = (await shop.client.ask(NOTIFIED))["viewer"]["notifications"]["nodes"]
    assert notices == [
        {"kind": "OFFERS_IMPORTED", "subject": {"dryRun": dry_run}} for dry_run in (False, True)
    ]
    again = await shop.client.refusal_codes("importOffers", shop.input(upload, key="again"))
    assert again == ["NOT_FOUND"]  # the file is deleted once it was imported


async def test_a_changed_file_updates_what_differs(shop: OfferImporter) -> None:
    await shop.run(FILE)
    tea = (await shop.offers())[1]
    tea.title = tea.title | {"hi": "सस्ती चाय"}
    await shop.world.save(tea)
    changed = FILE.replace("Cheap tea,20", "Green tea,25") + f"JUICE,Juice,5,{WINDOW}\n"
    seen = await shop.run(changed)
    assert outcomes(seen) == [("UPDATED",), ("UNCHANGED",), ("CREATED",)]
    tea = (await shop.offers())[2]
    assert (tea.title, tea.percent) == ({"en": "Green tea", "hi": "सस्ती चाय"}, 25)
    id = (await shop.client.ask(OF_VENDOR, id=gid(shop.vendor)))["vendor"]["offerImports"]["nodes"]
    updated = await shop.see(id[0]["id"], "UPDATED")
    assert [one["vendorOfferId"] for one in updated["rows"]["nodes"]] == ["TEA"]
    assert outcomes(await shop.run("id,capacity\nTEA,\nCAKE,7\n")) == [("UNCHANGED",), ("UPDATED",)]


async def test_each_kind_of_discount_and_of_time(shop: OfferImporter) -> None:
    header = "id,title,percent,amount,buy,get,free_item,starts_at,ends_at,pin_codes,category"
    window = "2030-01-01 09:00,2030-01-31T12:00:00+01:00,560001 560002,"
    rows = [
        f"A,An amount,,12.50,,,,{window}",
        f"B,Two for one,,,1,1,,{window}",
        f"C,A free tea,,,,,A tea,{window}",
    ]
    seen = await shop.run("\n".join([header, *rows]))
    assert outcomes(seen) == [("CREATED",)] * 3
    amount, pair, item = await shop.offers()
    assert (amount.discount_kind, amount.amount_minor) == (DiscountKind.AMOUNT, 12_50)
    assert (pair.discount_kind, pair.buy, pair.get) == (DiscountKind.BUY_GET, 1, 1)
    assert item.free_item == {"en": "A tea"}
    assert item.starts_at == datetime(2030, 1, 1, 3, 30, tzinfo=UTC)
    assert item.ends_at == datetime(2030, 1, 31, 11, tzinfo=UTC)
    assert item.pin_codes == ["560001", "560002"]
    assert outcomes(await shop.run("\n".join([header, *rows]))) == [("UNCHANGED",)] * 3


async def test_rows_are_refused_one_by_one(shop: OfferImporter) -> None:
    offer = await shop.world.offer(shop.vendor, external_id="USED", capacity=5, claimed=5)
    await shop.world.offer(shop.vendor, external_id="GONE", state=OfferState.ARCHIVED)
    header = f"{HEADER},buy,get,capacity,category,pin_codes,publish_at"
    lines = [
        f",No id,10,{WINDOW}",
        f"A,Hi,10,{WINDOW}",
        f"B,No discount,,{WINDOW}",
        f"C,Too much,101,{WINDOW}",
        f"D,Two kinds,10,{WINDOW},1,1",
        f"E,Half a pair,,{WINDOW},1",
        f"F,Many,ten,{WINDOW}",
        "G,No start,10,soon,2030-01-31",
        "H,Backwards,10,2030-01-31,2030-01-01",
        f"I,Elsewhere,10,{WINDOW},,,,no-such-category",
        f"J,Far away,10,{WINDOW},,,,,12",
        f"K,Too late,10,{WINDOW},,,,,,2031-01-01",
        f"L,In the past,10,{WINDOW},,,,,,2020-01-01",
        f"M,Fine,10,{WINDOW}",
        f"M,Again,10,{WINDOW}",
        f"N,Too long,10,{WINDOW},,,,,,,more",
        "USED,,,,,,,4",
        f"GONE,Back,10,{WINDOW}",
        f"{'x' * 65},Long id,10,{WINDOW}",
    ]
    for dry in (True, False):
        upload = await shop.upload("\n".join([header, *lines]))
        seen = await shop.check(upload)
        if not dry:
            seen = await shop.finish(await shop.start(upload, dry=False))
        assert outcomes(seen) == [
            ("REFUSED", "INVALID_INPUT", "ID"),
            ("REFUSED", "INVALID_INPUT", "TITLE"),
            ("REFUSED", "INVALID_INPUT", "PERCENT"),
            ("REFUSED", "INVALID_INPUT", "PERCENT"),
            ("REFUSED", "INVALID_INPUT", "BUY"),
            ("REFUSED", "INVALID_INPUT", "BUY"),
            ("REFUSED", "INVALID_INPUT", "PERCENT"),
            ("REFUSED", "INVALID_INPUT", "STARTS_AT"),
            ("REFUSED", "INVALID_INPUT", None),
            ("REFUSED", "INVALID_INPUT", "CATEGORY"),
            ("REFUSED", "INVALID_INPUT", "PIN_CODES"),
            ("REFUSED", "INVALID_INPUT", "PUBLISH_AT"),
            ("REFUSED", "INVALID_INPUT", "PUBLISH_AT"),
            ("CREATED",),
            ("REFUSED", "INVALID_INPUT", "ID"),
            ("REFUSED", "INVALID_INPUT", None),
            ("REFUSED", "CAPACITY_BELOW_CLAIMED", None),
            ("REFUSED", "OFFER_STATE", None),
            ("REFUSED", "INVALID_INPUT", "ID"),
        ]
        assert all(one["explanation"] for one in seen["rows"]["nodes"] if one["code"])
    assert (await shop.world.fresh(offer)).capacity == 5
    assert len(await shop.offers()) == 3


async def test_a_row_schedules_its_draft(shop: OfferImporter) -> None:
    at = now().replace(microsecond=0) + timedelta(hours=1)
    file = f"id,title,percent,starts_at,ends_at,publish_at\nA,Soon,10,{WINDOW},{at.isoformat()}\n"
    assert outcomes(await shop.run(file)) == [("CREATED",)]
    (offer,) = await shop.offers()
    assert (offer.publish_at, offer.schedules) == (at, 1)
    assert outcomes(await shop.run(file)) == [("UNCHANGED",)]
    query = text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name LIKE '%publish_sch%'")
    async with shop.world.database.session() as session:
        assert (await session.execute(query)).scalars().all() == [at]


async def test_the_report_quotes_what_a_spreadsheet_would_run(shop: OfferImporter) -> None:
    seen = await shop.run(f"{HEADER}\n=1+1,Hi,10,{WINDOW}\n@A,Cheap tea,10,{WINDOW}\n")
    assert [one["result"] for one in seen["rows"]["nodes"]] == ["REFUSED", "CREATED"]
    (id,) = {one.import_id for one in await results(shop) if one.code == "INVALID_INPUT"} & {
        one.import_id for one in await results(shop) if one.offer_id
    }
    async with shop.world.database.session() as session:
        imported = (await session.exec(select(OfferImport).where(OfferImport.id == id))).one()
    link = (await shop.client.ask(REPORT, id=gid(imported)))["offerImport"]["report"]
    answer = await download(shop.api, link["url"])
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["row", "id", "result", "column", "code", "explanation"]
    assert [line[:5] for line in lines[1:]] == [
        ["1", "'=1+1", "REFUSED", "title", "INVALID_INPUT"],
        ["2", "'@A", "CREATED", "", ""],
    ]
    await shop.world.leaves(shop.member)
    assert (await download(shop.api, link["url"])).status_code == 404


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (b"\xff\xfe\x00", "NOT_CSV"),
        (b'id,title\n"A', "NOT_CSV"),
        (b"id,name\nA,B\n", "UNKNOWN_COLUMN"),
        (b"id,title,title\nA,B,C\n", "REPEATED_COLUMN"),
        (b"title\nA\n", "ID_COLUMN_MISSING"),
        (b"id,title\n\n", "NO_ROWS"),
        (b"id\n" + b"A\n" * (MAX_ROWS + 1), "TOO_MANY_ROWS"),
    ],
)
async def test_files_that_cannot_be_read(shop: OfferImporter, content: bytes, failure: str) -> None:
    seen = await shop.check(content)
    assert (seen["state"], seen["importFailure"], seen["rows"]["totalCount"]) == (
        "FAILED",
        failure,
        0,
    )


async def test_import_offers_refuses_others_and_other_files(shop: OfferImporter) -> None:
    upload = await shop.upload(FILE)
    given = shop.input(upload, dry=True)
    assert await shop.api.mutation_failed("importOffers", given) == ["UNAUTHENTICATED"]
    for who in OUTSIDERS:
        client = shop.api.signed_in(await outsider(shop.world, shop.vendor, who))
        assert await client.refusal_codes("importOffers", given) == ["NOT_FOUND"], who
    colleague = await new_member(shop.world, shop.vendor, MemberRole.MANAGER)
    other = shop.api.signed_in(colleague)
    assert await other.refusal_codes("importOffers", given) == ["NOT_FOUND"]
    for values in (
        {"purpose": UploadPurpose.CHAT},
        {"content_type": "application/pdf"},
        {"size": 5 * 1024 * 1024 + 1},
    ):
        wrong = await shop.upload(FILE, **values)
        refused = await shop.client.refusal_codes("importOffers", shop.input(wrong, dry=True))
        assert refused == ["INVALID_INPUT"]


async def test_imports_are_seen_by_those_who_can_edit_offers(shop: OfferImporter) -> None:
    id = await shop.start(await shop.upload(FILE), dry=True)
    vendor = gid(shop.vendor)
    listed = await shop.client.ask(OF_VENDOR, id=vendor)
    assert listed["vendor"]["offerImports"]["nodes"] == [{"id": id}]
    staff = await new_member(shop.world, shop.vendor, MemberRole.STAFF)
    assert await shop.api.signed_in(staff).failed(OF_VENDOR, id=vendor) == ["FORBIDDEN"]
    for who in OUTSIDERS[:-1]:
        client = shop.api.signed_in(await outsider(shop.world, shop.vendor, who))
        assert (await client.ask(SEEN, id=id))["offerImport"] is None, who


async def test_a_repeated_request_starts_one_import(shop: OfferImporter) -> None:
    given = shop.input(await shop.upload(FILE), dry=True)
    first = await shop.client.do("importOffers", given, IMPORT)
    assert await shop.client.do("importOffers", given, IMPORT) == first
    async with shop.world.database.session() as session:
        assert (await session.exec(select(func.count()).select_from(OfferImport))).one() == 1


async def test_terms_of_a_row_are_a_new_version_and_the_rules_stay(shop: OfferImporter) -> None:
    await shop.run(FILE)
    client, tea = shop.client, (await shop.offers())[1]
    given = {"offerId": gid(tea), "rules": {"firstVisit": True}}
    assert await client.refusal_codes("setOfferRules", given) == []
    assert await client.refusal_codes("publishOffer", {"offerId": gid(tea)}) == []
    changed = "id,terms\nTEA,One a table\n"
    for outcome in ("UPDATED", "UNCHANGED"):
        assert outcomes(await shop.run(changed)) == [(outcome,)]
    (seen,) = (await client.ask(TERMS, ids=[gid(tea)]))["nodes"]
    rules = {"firstVisit": True, "maximumUses": None}
    assert seen["currentTerms"] == {"version": 2, "text": "One a table", "rules": rules}


async def test_a_row_without_room_for_its_terms_is_refused_and_changes_nothing(
    shop: OfferImporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.run(FILE)
    tea = (await shop.offers())[1]
    given = {"offerId": gid(tea), "rules": {"firstVisit": True}}
    assert await shop.client.refusal_codes("setOfferRules", given) == []
    monkeypatch.setattr(terms, "MAX_VERSIONS", 1)
    changed = FILE.replace("20,", "25,").replace("id,", "id,terms,").replace("TEA,", "TEA,New,")
    changed = changed.replace("CAKE,", "CAKE,,")
    for seen in (await shop.check(changed), await shop.run(changed)):
        assert outcomes(seen) == [("REFUSED", "TOO_MANY_TERMS", None), ("UNCHANGED",)]
    assert (await shop.offers())[1].percent == 20
