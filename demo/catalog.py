"""Seeds products of makers, with their stock."""

from datetime import timedelta
from typing import Any

from core.text.search_text import searchable
from core.text.slugs import slugify
from demo.dataset import Dataset, DemoVendor
from demo.pictures import draw_cover
from demo.rng import SeededRandom
from demo.toml_data import load
from demo.vendors.profiles import add_file
from models.catalog.products import Product, ProductKind, ProductState, TaxClass
from models.catalog.slugs import ProductSlug
from models.catalog.variants import Variant
from models.pictures import ProductPicture
from models.stock.levels import MovementKind, Stock, StockMovement
from models.vendors import VendorStatus

SHOPS = {shop["category"]: shop for shop in load("goods")["shops"]}
# More of a size costs more: its key, its name, and its price as a share.
SIZES = (
    ("s", {"en": "Small", "hi": "छोटा", "de": "Klein", "es": "Pequeño"}, 1.0),
    ("m", {"en": "Medium", "hi": "मध्यम", "de": "Mittel", "es": "Mediano"}, 1.4),
    ("l", {"en": "Large", "hi": "बड़ा", "de": "Groß", "es": "Grande"}, 1.9),
)
SIZE = {"en": "Size", "hi": "आकार", "de": "Größe", "es": "Tamaño"}
ON_HAND = (0, 0, 2, 3, 5, 8, 12, 12, 20, 35, 60)
STATES = (*[ProductState.PUBLISHED] * 8, ProductState.HIDDEN, ProductState.DRAFT)
LOW_AT = 3
AGE = timedelta(days=200)


def seed_goods(rng: SeededRandom, dataset: Dataset) -> None:
    """Add the goods of each shop that has a category of makers and was approved."""
    for vendor in dataset.vendors:
        shop = SHOPS.get(vendor.business_type.category)
        if shop and vendor.row.status in {VendorStatus.APPROVED, VendorStatus.SUSPENDED}:
            for place, goods in enumerate(shop["goods"]):
                state = ProductState.PUBLISHED if place == 0 else rng.choice(STATES)
                _add_product(rng, dataset, vendor, shop, goods, state)


def _add_product(
    rng: SeededRandom,
    dataset: Dataset,
    vendor: DemoVendor,
    shop: dict[str, Any],
    goods: dict[str, Any],
    state: ProductState,
) -> None:
    """Add a product with its variants, one of them without a choice or one of each size."""
    created_at = rng.between(dataset.now - AGE, dataset.now - AGE / 10)
    title = _texts(vendor, goods["title"])
    product = Product(
        id=rng.uuid7_at(created_at),
        created_at=created_at,
        vendor_id=vendor.row.id,
        category_id=vendor.row.category_id,
        kind=ProductKind.DIGITAL if goods.get("digital") else ProductKind.PHYSICAL,
        state=state,
        locale=vendor.row.locale,
        title=title,
        options=_options(vendor) if goods.get("sizes") else [],
        tax_class=TaxClass(shop.get("tax_class", "STANDARD")),
        hsn_code=shop["hsn_code"],
        currency=vendor.row.currency,
        country=vendor.row.country,
        latitude=vendor.row.latitude,
        longitude=vendor.row.longitude,
        published_at=None if state is ProductState.DRAFT else created_at,
        search_text=searchable(*title.values(), vendor.row.name, vendor.row.city),
    )
    slug = slugify(goods["title"]["en"])
    dataset.products.append(product)
    dataset.product_slugs.append(
        ProductSlug(vendor_id=vendor.row.id, slug=slug, product_id=product.id)
    )
    price = max(1, round(vendor.business_type.typical_bill * goods["price"])) * 100
    sizes = SIZES if goods.get("sizes") else (("", {}, 1.0),)
    prices = [round(price * share / 100) * 100 for _, _, share in sizes]
    for place, (key, _, _) in enumerate(sizes):
        options = {"size": key} if key else {}
        sku = f"{slug[:30]}-{key}".strip("-").upper()
        _add_variant(rng, dataset, product, sku, options, prices[place], place)
    product.min_price, product.max_price = min(prices), max(prices)
    cover = draw_cover(rng.randint(0, 23))
    upload = add_file(rng, dataset, vendor.member_ids[0], created_at, f"{slug}.jpg", cover)
    dataset.product_pictures.append(
        ProductPicture(product_id=product.id, upload_id=upload.id, alt=title)
    )


def _add_variant(
    rng: SeededRandom,
    dataset: Dataset,
    product: Product,
    sku: str,
    options: dict[str, str],
    price: int,
    place: int,
) -> None:
    digital, on_hand = product.kind is ProductKind.DIGITAL, rng.choice(ON_HAND)
    reduced = rng.chance(0.2)
    variant = Variant(
        id=rng.uuid7_at(product.created_at),
        created_at=product.created_at,
        product_id=product.id,
        vendor_id=product.vendor_id,
        sku=sku,
        options=options,
        price=price,
        compare_at=price + price // 4 if reduced else None,
        currency=product.currency,
        weight_g=None if digital else 100 * rng.randint(1, 12),
        tracks_stock=not digital,
        per_order_max=5 if reduced else None,
        position=place,
    )
    stock = Stock(
        id=rng.uuid7_at(product.created_at),
        created_at=product.created_at,
        variant_id=variant.id,
        on_hand=0 if digital else on_hand,
        low_at=None if digital else LOW_AT,
    )
    dataset.variants.append(variant)
    dataset.stock.append(stock)
    if stock.on_hand:
        received = StockMovement(
            id=rng.uuid7_at(product.created_at),
            created_at=product.created_at,
            variant_id=variant.id,
            kind=MovementKind.RECEIVED,
            quantity=stock.on_hand,
            on_hand=stock.on_hand,
        )
        dataset.movements.append(received)


def _texts(vendor: DemoVendor, texts: dict[str, str]) -> dict[str, str]:
    """Return the texts in the vendor's languages, in English if there is none."""
    return {tag: texts[tag] for tag in vendor.locales if tag in texts} or {"en": texts["en"]}


def _options(vendor: DemoVendor) -> list[dict[str, Any]]:
    values = [{"key": key, "name": _texts(vendor, name)} for key, name, _ in SIZES]
    return [{"key": "size", "name": _texts(vendor, SIZE), "values": values}]
