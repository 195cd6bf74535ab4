"""Null has one meaning in all update inputs: a reset to the default, or an error without one."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema, is_non_null_type
from pydantic.alias_generators import to_snake

from core.clock import now
from core.security.sealed import Sealer
from models.catalog.products import ProductState, TaxClass
from models.pictures import OfferPicture, VendorImage, VendorImageKind
from models.shipments import Shipment
from tests.client import Client, gid
from tests.domains import of_domains
from tests.factories.catalog import SIZES
from tests.factories.world import World
from tests.resolvers.nulls import OF_PLATFORM, OF_VENDOR, REFUSED

NOW = "the current time"

# The column's value after null, for every nullable field of every update input.
NULLS: dict[str, Mapping[str, Any]] = {
    "UpdateOfferInput": {
        "title": REFUSED,
        "discount": REFUSED,
        "startsAt": REFUSED,
        "endsAt": REFUSED,
        "description": {},
        "terms": {},
        "categoryId": OF_VENDOR,
        "capacity": None,
        "perUserLimit": 1,
        "pinCodes": ["560001"],
        "latitude": OF_VENDOR,
        "longitude": OF_VENDOR,
        "pictures": [],
    },
    "UpdateVendorInput": {
        "description": {},
        "seoTitle": {},
        "seoText": {},
        "slug": REFUSED,
        "address": REFUSED,
        "latitude": REFUSED,
        "longitude": REFUSED,
        "phone": None,
        "website": None,
        "hours": [],
        "days": [],
        "closesOnHolidays": False,
        "logo": [],
        "cover": [],
        "gallery": [],
    },
    "UpdateProductInput": {
        "title": REFUSED,
        "description": {},
        "slug": REFUSED,
        "categoryId": OF_VENDOR,
        "options": [],
        "pictures": [],
        "taxClass": TaxClass.STANDARD,
        "hsnCode": None,
    },
    "UpdateVariantInput": {
        "sku": REFUSED,
        "price": REFUSED,
        "options": REFUSED,
        "compareAt": None,
        "weightG": None,
        "tracksStock": True,
        "perOrderMax": None,
    },
    "UpdateCategoryInput": {"slug": REFUSED, "name": REFUSED},
    "UpdateProfileInput": {
        "name": REFUSED,
        "locale": REFUSED,
        "timeZone": None,
        "avatarUploadId": None,
    },
    "UpdateNotificationPreferencesInput": {
        "choices": REFUSED,
        "quietHours": None,
        "ticketTexts": False,
    },
    "UpdateAddressInput": {
        "country": REFUSED,
        "recipient": REFUSED,
        "streetLines": REFUSED,
        "city": REFUSED,  # by the rules of IN, as the next two
        "subdivision": REFUSED,
        "postalCode": REFUSED,
        "label": None,
        "company": None,
        "phone": None,
        "instructions": None,
        "latitude": REFUSED,  # without the longitude
        "longitude": REFUSED,
    },
    "UpdatePromoCodeInput": {
        "capacity": None,
        "perUser": 1,
        "combines": False,
        "minimumMinor": 0,
        "validFrom": NOW,
        "validUntil": None,
    },
    "UpdateShipmentInput": {"carrier": REFUSED, "trackingNumber": None},  # of a tracked one
    "UpdatePackInput": {"title": REFUSED, "prices": REFUSED},
}
# Domains can have their own, in tests/resolvers/<domain>/nulls.py.
NULLS |= {
    name: nulls
    for domain in of_domains("resolvers", "nulls")
    for name, nulls in domain.NULLS.items()
}


def test_every_field_of_every_update_input_is_tested_here(graph: GraphQLSchema) -> None:
    nullable = {
        name: {key for key, field in kind.fields.items() if not is_non_null_type(field.type)}
        for name, kind in graph.type_map.items()
        if isinstance(kind, GraphQLInputObjectType) and name.startswith("Update")
    }
    assert nullable == {name: set(fields) for name, fields in NULLS.items()}


def test_update_inputs_describe_what_null_does(graph: GraphQLSchema) -> None:
    for name, fields in NULLS.items():
        kind: Any = graph.type_map[name]
        chosen = [key for key, value in fields.items() if value == OF_PLATFORM]
        assert all("f omitted" in kind.fields[key].description for key in chosen)
        if len(chosen) == len(fields):
            continue  # the input has all values of the new row
        assert "Omitted fields stay unchanged" in kind.description
        assert "ull" in kind.description


OTHER_TABLES = {"pictures", "logo", "cover", "gallery", "hours", "days"}  # in tables of their own


@pytest.mark.parametrize("field", sorted(NULLS["UpdateOfferInput"].keys() - OTHER_TABLES))
async def test_update_offer_resets_null_to_the_default(
    world: World, api: Client, field: str
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, pin_code="560001", latitude=1.5, longitude=2.5)
    offer = await world.offer(
        vendor,
        category_id=(await world.category()).id,
        description={"en": "Old"},
        terms={"en": "Old"},
        capacity=7,
        per_user_limit=3,
        pin_codes=["110001"],
        latitude=10.0,
        longitude=20.0,
    )
    before = (await world.fresh(offer)).model_dump()
    payload = await api.signed_in(owner).do("updateOffer", {"offerId": gid(offer), field: None})
    after = (await world.fresh(offer)).model_dump()
    column, expected = to_snake(field), NULLS["UpdateOfferInput"][field]
    if expected == REFUSED:
        (error,) = payload["errors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", [field])
        assert after == before
        return
    assert payload["errors"] == []
    assert after[column] == (getattr(vendor, column) if expected == OF_VENDOR else expected)
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"search_text", "position"} == {column}


@pytest.mark.parametrize("field", sorted(NULLS["UpdateProductInput"].keys() - OTHER_TABLES))
async def test_update_product_resets_null_to_the_default(
    world: World, api: Client, field: str
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    product = await world.product(
        vendor,
        category_id=(await world.category()).id,
        description={"en": "Old"},
        options=SIZES,
        tax_class=TaxClass.ZERO,
        hsn_code="6912",
        variants=0,
        state=ProductState.DRAFT,
    )
    given = {"productId": gid(product), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateProduct", given, product, vendor)


@pytest.mark.parametrize("field", NULLS["UpdateVariantInput"])
async def test_update_variant_resets_null_to_the_default(
    world: World, api: Client, field: str
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    product = await world.product(vendor, variants=0, state=ProductState.DRAFT)
    variant = await world.variant(
        product, compare_at=20_000, weight_g=5, tracks_stock=False, per_order_max=3
    )
    given = {"variantId": gid(variant), field: None}
    await ensure_reset(world, api.signed_in(owner), "updateVariant", given, variant, vendor)


async def ensure_reset(
    world: World, client: Client, mutation: str, given: dict[str, Any], row: Any, vendor: Any
) -> None:
    """Set a field of a row to null, and check the row afterwards."""
    before, (_, field) = (await world.fresh(row)).model_dump(), given
    payload = await client.do(mutation, given)
    after, column = (await world.fresh(row)).model_dump(), to_snake(field)
    expected = NULLS[f"U{mutation[1:]}Input"][field]
    if expected == REFUSED:
        (error,) = payload["errors"]
        assert (error["code"], error["field"]) == ("INVALID_INPUT", [field])
        assert after == before
        return
    assert payload["errors"] == []
    assert after[column] == (getattr(vendor, column) if expected == OF_VENDOR else expected)
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"search_text", "updated_at"} == {column}


@pytest.mark.parametrize("field", NULLS["UpdateCategoryInput"])
async def test_update_category_refuses_null(world: World, api: Client, field: str) -> None:
    category, admin = await world.category(), await world.admin()
    given = {"categoryId": gid(category), field: None}
    (error,) = (await api.signed_in(admin).do("updateCategory", given))["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", [field])
    assert await world.fresh(category) == category


@pytest.mark.parametrize("field", sorted(NULLS["UpdateProfileInput"].keys() - {"avatarUploadId"}))
async def test_update_profile_with_null(world: World, api: Client, field: str) -> None:
    user = await world.user(time_zone="Asia/Kolkata")
    before = (await world.fresh(user)).model_dump()
    payload = await api.signed_in(user).do("updateProfile", {field: None})
    after, expected = (await world.fresh(user)).model_dump(), NULLS["UpdateProfileInput"][field]
    if expected == REFUSED:
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("INVALID_INPUT", [field])
        ]
        assert after == before
        return
    assert payload["errors"] == []
    assert after == before | {to_snake(field): expected}


async def test_update_preferences_with_null(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    hours = {"startsAt": "22:00:00", "endsAt": "07:00:00", "timeZone": "Asia/Kolkata"}
    fields = "preferences { quietHours { startsAt } }"
    await client.do("updateNotificationPreferences", {"quietHours": hours})
    refused = await client.do("updateNotificationPreferences", {"choices": None}, fields)
    assert [error["field"] for error in refused["errors"]] == [["choices"]]
    reset = await client.do("updateNotificationPreferences", {"quietHours": None}, fields)
    assert reset == {"preferences": {"quietHours": None}, "errors": []}
    texts = await client.do(
        "updateNotificationPreferences", {"ticketTexts": None}, "preferences { ticketTexts }"
    )
    assert texts == {"preferences": {"ticketTexts": False}, "errors": []}


async def test_update_offer_with_null_removes_its_pictures(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner))
    attached = await world.picture(owner, attached_at=now())
    picture = OfferPicture(offer_id=offer.id, upload_id=attached.id)
    await world.save(picture)
    given = {"offerId": gid(offer), "pictures": None}
    assert await api.signed_in(owner).refusal_codes("updateOffer", given) == []
    assert await world.fresh(picture) is None


@pytest.mark.parametrize("field", NULLS["UpdateVendorInput"])
async def test_update_vendor_resets_null_to_the_default(
    world: World, api: Client, field: str
) -> None:
    owner = await world.user()
    vendor = await world.vendor(
        owner,
        phone="+918026543210",
        website="https://haat.example/",
        seo_title={"en": "Old"},
        seo_text={"en": "Old"},
        closes_on_holidays=True,
    )
    images = [
        VendorImage(
            vendor_id=vendor.id,
            kind=kind,
            upload_id=(await world.picture(owner, attached_at=now())).id,
        )
        for kind in VendorImageKind
    ]
    await world.save(*images)
    before = (await world.fresh(vendor)).model_dump()
    payload = await api.signed_in(owner).do("updateVendor", {"vendorId": gid(vendor), field: None})
    after, expected = (await world.fresh(vendor)).model_dump(), NULLS["UpdateVendorInput"][field]
    left = {image.kind.lower() for image in images if await world.fresh(image)}
    if expected == REFUSED:
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("INVALID_INPUT", [field])
        ]
        assert (after, len(left)) == (before, 3)
        return
    assert payload["errors"] == []
    assert left == {"logo", "cover", "gallery"} - {field}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {to_snake(field)} - OTHER_TABLES
    assert field in OTHER_TABLES or after[to_snake(field)] == expected


@pytest.mark.parametrize("field", NULLS["UpdateAddressInput"])
async def test_update_address_with_null(world: World, api: Client, field: str) -> None:
    user = await world.user()
    given: dict[str, Any] = {"label": "Home", "company": "Haat", "instructions": "Ring"}
    given["phone"] = "+918026543210"
    address = await world.address(user, **given, latitude=1.5, longitude=2.5)
    before = address.open(Sealer(world.keys))
    input = {"addressId": gid(address), field: None}
    payload = await api.signed_in(user).do("updateAddress", input)
    after = (await world.fresh(address)).open(Sealer(world.keys))
    if NULLS["UpdateAddressInput"][field] == REFUSED:
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("INVALID_INPUT", [field])
        ]
        assert after == before
    else:
        assert payload["errors"] == []
        assert asdict(after) == asdict(before) | {to_snake(field): None}


@pytest.mark.parametrize("field", NULLS["UpdatePromoCodeInput"])
async def test_update_promo_code_resets_null_to_the_default(
    world: World, api: Client, field: str
) -> None:
    owner = await world.user()
    code = await world.promo_code(
        await world.vendor(owner),
        capacity=7,
        per_user=3,
        combines=True,
        minimum=5_00,
        valid_from=now() - timedelta(days=3),
        valid_until=now() + timedelta(days=3),
    )
    input = {"promoCodeId": gid(code), field: None}
    assert await api.signed_in(owner).refusal_codes("updatePromoCode", input) == []
    after, column = await world.fresh(code), to_snake(field).removesuffix("_minor")
    expected = NULLS["UpdatePromoCodeInput"][field]
    if expected == NOW:
        assert now() - timedelta(minutes=1) < after.valid_from <= now()
    else:
        assert getattr(after, column) == expected
    changed = {name for name in code.model_dump() if getattr(after, name) != getattr(code, name)}
    assert changed == {column}


@pytest.mark.parametrize("field", NULLS["UpdateShipmentInput"])
async def test_update_shipment_with_null(world: World, api: Client, field: str) -> None:
    owner = await world.user()
    placed = await world.placed_order(await world.user(), [await world.vendor(owner)])
    values: dict[str, Any] = {"carrier": "Blue Dart", "tracking_number": uuid4().hex}
    part = placed.suborders[0]
    shipment = Shipment(suborder_id=part.id, vendor_id=part.vendor_id, position=0, **values)
    await world.save(shipment)
    given = {"shipmentId": gid(shipment), field: None}
    payload = await api.signed_in(owner).do("updateShipment", given)
    after = (await world.fresh(shipment)).model_dump(include=set(values))
    if NULLS["UpdateShipmentInput"][field] == REFUSED:
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("INVALID_INPUT", [field])
        ]
        assert after == values
    else:
        assert payload["errors"] == []
        assert after == values | {to_snake(field): None}


@pytest.mark.parametrize("field", NULLS["UpdatePackInput"])
async def test_update_pack_refuses_null(world: World, api: Client, field: str) -> None:
    pack, admin = await world.pack(), await world.admin()
    before = await world.fresh(pack)
    given = {"packId": gid(pack), field: None}
    (error,) = (await api.signed_in(admin).do("updatePack", given))["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", [field])
    assert await world.fresh(pack) == before
