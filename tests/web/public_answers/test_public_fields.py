"""Which fields are public. None of them reads the viewer or the address, and only those that are
kept for a second read the clock.
"""

import sys
from datetime import timedelta
from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from core import clock
from engine.context import Context
from engine.execution.extension import execute
from engine.limits.cost import field_metadata
from engine.public_answers.public_fields import is_public
from engine.public_answers.shared_context import PublicContext, PublicViewer
from models.bookings.intake import ServiceQuestion
from models.pictures import (
    OfferPicture,
    PictureSizes,
    PictureState,
    VendorImage,
    VendorImageKind,
)
from models.questions import QuestionKind
from services.public_changes import TABLES
from services.viewer import ANONYMOUS
from tests.apps import endpoint_of
from tests.client import gid
from tests.factories.catalog import SIZES
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

# The fields that can be reached by public fields alone. A new one belongs here.
PUBLIC = {
    "Query": "availability categories consecutiveSlots event eventDate events offer offers product"
    " products service services slots staff vendor vendors",
    "Offer": "capacity category claimed country createdAt description discount endsAt id latitude"
    " likeCount longitude perUserLimit pictures pinCodes publishAt publishFailure publishedAt"
    " remaining startsAt state terms title titles vendor vendorOfferId",
    "Vendor": "address canonicalSlug category chatHours city closesOnHolidays country cover"
    " createdAt currency days description events gallery hours id latitude locale logo longitude"
    " name offers phone pinCode products seoText seoTitle services share status timeZone"
    " website",
    "Product": "canonicalSlug category country createdAt description descriptions hsnCode id"
    " inStock kind options pictures priceFrom priceTo publishedAt relatedProducts state taxClass"
    " title titles variants vendor",
    "ProductOption": "key name names values",
    "ProductOptionValue": "key name names",
    "Variant": "chosenOptions compareAt id orderable perOrderMax price product sku state"
    " tracksStock updatedAt weightG",
    "ChosenValue": "option value",
    "ProductConnection": "edges facets nodes pageInfo totalCount totalCountIsExact",
    "ProductEdge": "cursor distanceMeters node",
    "ProductFacets": "categories inStock options prices vendors",
    "CategoryFacet": "category count",
    "VendorFacet": "count vendor",
    "PriceFacet": "count currency priceBelow priceFrom",
    "OptionFacet": "count option optionName value valueName",
    "OpeningSpan": "closes opens weekday",
    "SpecialDay": "day name spans",
    "DaySpan": "closes opens",
    "VendorShare": "picture text title",
    "Category": "children hidden id name parent path slug",
    "Address": "city country formatted postalCode streetLines subdivision",
    "Picture": "alt blurhash contentType height sizes state uploadId url width",
    "PictureSize": "bytes contentType format height url width",
    "ChatHours": "autoReply spans",
    "ChatSpan": "closes opens weekday",
    "LocalizedText": "locale text",
    "Money": "amountMinor currency decimal",
    "PercentDiscount": "percent",
    "AmountDiscount": "amount",
    "BuyGetDiscount": "buy get",
    "FreeItemDiscount": "item",
    "OfferConnection": "edges nodes pageInfo totalCount totalCountIsExact",
    "OfferEdge": "cursor distanceMeters node reasons",
    "OfferReason": "kind points text",
    "VendorConnection": "edges nodes pageInfo totalCount totalCountIsExact",
    "VendorEdge": "cursor distanceMeters node",
    "Event": "answerUntilHours cancelledAt canonicalSlug category city country cover createdAt"
    " description descriptions id latitude longitude maxPerUser nextDateAt orphanRule pictures"
    " priceFrom publishedAt refundBps refundHours resale state title titles transfer"
    " transferHours vendor visibility waitlist",
    "EventDate": "answersUntil chart doorsAt endsAt event id localStart revision saleEndsAt"
    " saleStartsAt seated startsAt state timeZone venue",
    "Venue": "archivedAt city country formatted id latitude longitude name postalCode streetLines"
    " subdivision timeZone vendor",
    "Chart": "focalX focalY id name seats standing state version",
    "EventConnection": "edges nodes pageInfo totalCount totalCountIsExact",
    "EventEdge": "cursor distanceMeters node",
    "Service": "anchor bufferAfter bufferBefore deposit description descriptions dueOnline"
    " duration horizon hsnCode id intakeQuestions isClass movesWithoutApproval name"
    " names needs needsApproval needsPet noticeMinutes payAtDesk perDay perUserOpen"
    " policy position price providers seats staffChoice state step takesSpecies"
    " taxClass vendor",
    "ServiceNeed": "count kind",
    "ServiceProvider": "duration ownDuration ownPrice price resource",
    "ServiceQuestion": "active choices id prompt prompts questionKind required",
    "QuestionChoice": "key name names",
    "CancellationPolicy": "id name noShowBps refundTiers rescheduleMinutes reschedules vendor",
    "RefundTier": "minutesBefore refundBps",
    "Resource": "id lanes name position resourceKind state timeZone vendor weight",
    "Availability": "cursor days timeZone",
    "DayAvailability": "day firstStartsAt isOpen slots",
    "SlotList": "cursor slots",
    "Slot": "dueOnline endsAt hasMeeting left localStart price staff startsAt timeZone",
    "ConsecutiveSlots": "endsAt slots startsAt",
    "ServiceConnection": "edges nodes pageInfo totalCount totalCountIsExact",
    "ServiceEdge": "cursor node",
    "ResourceConnection": "edges nodes pageInfo totalCount totalCountIsExact",
    "ResourceEdge": "cursor node",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
}
# Fields of these types that are not: of the viewer, of members, of the clock.
OTHERS = {
    "Offer": "currentTerms eligibility likedByMe viewerVoucher",
    "Vendor": "answersNow application cannedReplies closesAt commissions conversations firstAnswer"
    " followedByMe invitations invoicesCsv managedProducts members offerImports"
    " openNow opensAt productImports publicHolidays redemptionDays redemptions shippingZones"
    " stockLevels suspension suspensionQuote taxRegistrations viewerRole wallet",
    "Event": "dates questions saleQueue ticketTypes",
    "EventDate": "checkInLists latestChange quotas refundIfCancelled soldTypes ticketsIfCancelled",
    "Product": "retiredVariants unitsIfArchived",
    "Resource": "assignedUser dayOverrides schedules timeBlocks",
    "Variant": "awaitedByMe files stock",
}
# Tables that are read, and whose changes are not signalled: likes change too often, and the upload
# of a picture that is shown does not change.
SILENT = {"offer_like", "stock", "upload"}
NOW = clock.now
CLOCKS: list[Any] = []
TODAY = NOW().date()
FIRST, END = (f"{TODAY + timedelta(days)}T00:00:00Z" for days in (3, 6))
TIMES = f'startsFrom: "{FIRST}", startsBefore: "{END}"'
VALUES = {
    "Query.availability": f'(serviceId: $service, fromDay: "{TODAY}", untilDay: "{TODAY}")',
    "Query.consecutiveSlots": f"(serviceIds: [$service, $class], {TIMES})",
    "Query.service": "(id: $service)",
    "Query.services": "(vendorId: $vendor)",
    "Query.slots": f"(serviceId: $service, {TIMES})",
    "Query.staff": "(vendorId: $vendor, serviceId: $service)",
    "Query.event": "(id: $event)",
    "Query.eventDate": "(id: $date)",
    "Query.offer": "(id: $offer)",
    "Query.product": "(id: $product)",
    "Query.vendor": "(id: $vendor)",
    "Query.offers": "(near: {latitude: 12.97, longitude: 77.59, withinKm: 100})",
}


def reachable(graph: GraphQLSchema) -> dict[str, set[str]]:
    """Return the public fields of each type that public fields lead to."""
    found: dict[str, set[str]] = {}
    left: list[Any] = [graph.query_type]
    while left:
        kind = left.pop()
        if isinstance(kind, GraphQLUnionType):
            left += kind.types
        elif isinstance(kind, GraphQLObjectType) and kind.name not in found:
            public = {name: field for name, field in kind.fields.items() if is_public(field)}
            found[kind.name] = set(public)
            left += [get_named_type(field.type) for field in public.values()]
        assert not isinstance(kind, GraphQLInterfaceType), f"{kind} has fields of any type"
    return found


def test_every_public_field_is_listed(graph: GraphQLSchema) -> None:
    found = reachable(graph)
    assert found == {name: set(fields.split()) for name, fields in PUBLIC.items()}, (
        "list the public field in PUBLIC, or declare it without `public=True`"
    )
    for name, fields in OTHERS.items():
        kind = graph.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        others = kind.fields.keys() - found[name]
        assert others == set(fields.split()), (
            f"list the field of {name} that is not public in OTHERS"
        )


def selection(graph: GraphQLSchema, kind: Any, seen: set[str]) -> str:
    """Select all public fields of each type once, or the document would exceed its limit."""
    seen.add(kind.name)
    if isinstance(kind, GraphQLUnionType):
        parts = [f"... on {one} {{ {selection(graph, one, seen)} }}" for one in kind.types]
        return " ".join(["__typename", *parts])
    parts = ["__typename"]
    for name, field in kind.fields.items():
        named = get_named_type(field.type)
        if not is_public(field):
            continue
        label = f"{name}{VALUES.get(f'{kind}.{name}', '')}"
        if is_leaf_type(named):
            inner = ""
        elif named.name in seen:
            inner = "{ __typename }"
        else:
            inner = f"{{ {selection(graph, named, seen)} }}"
        parts.append(f"{label} {inner}")
    return " ".join(parts)


async def everything(world: World) -> dict[str, str]:
    """Create rows with all that can be shown. Return the ids of some, by their names."""
    user, parent = await world.user(), await world.category()
    vendor = await world.vendor(category=await world.category(parent=parent))
    offer = await world.offer(vendor, ends_at=clock.now() + timedelta(days=9))
    await world.like(offer, user)
    await world.offer(vendor, discount_kind="AMOUNT", percent=None, amount_minor=500)
    first, second = await world.picture(user), await world.picture(user)
    await world.save(OfferPicture(offer_id=offer.id, upload_id=first.id, position=0, alt={}))
    logo = VendorImageKind.LOGO
    await world.save(
        VendorImage(vendor_id=vendor.id, upload_id=second.id, kind=logo, position=0, alt={}),
        PictureSizes(
            upload_id=second.id,
            state=PictureState.READY,
            blurhash="L00000",
            sizes=[{"width": 1, "height": 1, "format": "AVIF", "bytes": 1, "sha256": "a"}],
        ),
    )
    product = await world.product(vendor, options=SIZES, variants=0, min_price=1, max_price=1)
    await world.variant(product, options={"size": "s"}, compare_at=20_000)
    await world.product(vendor)
    event, venue = await world.event(vendor, description={"en": "Loud"}), await world.venue(vendor)
    date = await world.event_date(event, venue, chart_id=(await world.chart(venue)).id)
    await world.ticket_type(event)
    clinic = await Clinic.open(
        world, vendor, policy_id=(await world.cancellation_policy(vendor)).id
    )
    kind: Any = {"kind": QuestionKind.TEXT, "prompt": {"en": "Why?"}}
    await world.save(ServiceQuestion(service_id=clinic.visit.id, locale="en", **kind))
    shown = {
        "offer": offer,
        "vendor": vendor,
        "product": product,
        "event": event,
        "date": date,
        "service": clinic.visit,
        "class": clinic.yoga,
    }
    return {name: gid(row) for name, row in shown.items()}


class Untouchable(PublicViewer):
    """A viewer that raises when it is read."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_") or name in {"asked", "kind"}:
            return super().__getattribute__(name)
        raise AssertionError(f"A public field has read viewer.{name}.")


async def run(app: Any, graph: GraphQLSchema, ids: dict[str, str], query: str) -> PublicContext:
    endpoint = endpoint_of(app)
    context = PublicContext(endpoint.app, viewer=Untouchable())
    parsed = endpoint.app.document_cache.read(query)
    result = await execute(endpoint.schema, parsed, context, ids, None)
    assert result.errors is None
    context.data = result.data  # type: ignore[attr-defined]
    return context


async def test_no_public_field_reads_the_viewer_or_the_address_nor_for_long_the_clock(
    world: World, keeping: Any, graph: GraphQLSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, tables = await everything(world), set[str]()
    fetch = Context.fetch

    async def record(context: Any, statement: Any, **values: Any) -> Any:
        tables.update(statement.tables)
        return await fetch(context, statement, **values)

    monkeypatch.setattr(Context, "fetch", record)
    real = clock.now()
    assert graph.query_type
    for name, field in graph.query_type.fields.items():
        if not is_public(field):
            continue
        kind = get_named_type(field.type)
        inner = selection(graph, kind, set())
        body = f"{{ {name}{VALUES.get(f'Query.{name}', '')} {{ {inner} }} }}"
        query = f"query {_used(body, ids)} {body}"
        found = []
        for hours in (0, 5):
            _set_clock(monkeypatch, real + timedelta(hours=hours))
            found.append(await run(keeping, graph, ids, query))
        same = found[0].data == found[1].data  # type: ignore[attr-defined]
        assert same or field_metadata(field).get("volatile"), f"{name} depends on the clock"
        assert all(one.is_shareable for one in found)
    assert tables - TABLES <= SILENT
    in_sessions = {"chat_hours", "offer_picture", "vendor_image", "vendor_open", "vendor_slug"}
    in_sessions |= {"event_picture", "product_picture", "variant"}
    assert TABLES - tables <= in_sessions, "read in sessions"


def _used(query: str, ids: dict[str, str]) -> str:
    names = [one for one in ids if f"${one}" in query]
    return f"({', '.join(f'${one}: ID!' for one in names)})" if names else ""


def _set_clock(monkeypatch: pytest.MonkeyPatch, moment: Any) -> None:
    """Set the clock of all modules, by whatever name they import it."""
    modules = list(sys.modules.values())
    CLOCKS.extend(module for module in modules if vars(module).get("now") is NOW)
    for module in CLOCKS:
        monkeypatch.setattr(module, "now", lambda: moment)


@pytest.mark.parametrize("field", ["likedByMe", "viewerVoucher { id }"])
async def test_the_check_finds_a_field_that_reads_the_viewer(
    world: World, keeping: Any, graph: GraphQLSchema, field: str
) -> None:
    ids = await everything(world)
    with pytest.raises(AssertionError):
        await run(keeping, graph, ids, f"query ($offer: ID!) {{ offer(id: $offer) {{ {field} }} }}")


def test_a_public_viewer_is_anonymous_and_notes_what_is_read() -> None:
    viewer = PublicViewer()
    assert viewer.kind is ANONYMOUS.kind
    assert viewer.asked == []
    assert viewer.user_id is None
    assert not viewer.admin
    assert viewer.asked == ["user_id", "admin"]
