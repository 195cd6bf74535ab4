"""A shop of digital goods, its files and keys, and those who buy them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlmodel import col, select

from core.clock import now
from core.ids import new_id
from models.catalog.variants import Variant
from models.downloads.assets import AssetState, DigitalAsset
from models.downloads.grants import DownloadGrant
from models.downloads.keys import KEY_COLUMN, LICENSE_KEY, LicenseKey
from models.identity.accounts import User
from models.orders.lines import OrderLine
from models.orders.orders import Order, SubOrder
from models.uploads import UploadPurpose, UploadState
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.base import NUMBERS
from tests.factories.buying import PRICE, Buyer
from tests.factories.files import picture
from tests.factories.world import World
from tests.resolvers.uploads.uploader import Uploader

ASSET = "asset { id assetState fileName size watermark edition maxDownloads previewUrl }"
LINK = "url expiresAt left"


async def sold_file(
    world: World, user: User, vendor_id: UUID, variant_id: UUID, **values: Any
) -> DigitalAsset:
    """Return a file of a variant, with its upload, whose object does not exist."""
    sha256 = f"{next(NUMBERS):064x}"
    upload = await world.upload(
        user,
        purpose=UploadPurpose.DIGITAL,
        state=UploadState.READY,
        key=f"kept/{new_id()}-{sha256}",
        attached_at=now(),
    )
    given: dict[str, Any] = {
        "variant_id": variant_id,
        "vendor_id": vendor_id,
        "upload_id": upload.id,
        "state": AssetState.READY,
        "file_name": upload.file_name,
        "content_type": upload.content_type,
        "size": upload.size,
        "sha256": sha256,
        "object_key": upload.key,
    }
    asset = DigitalAsset(**given | values)
    await world.save(asset)
    return asset


def granted(asset: DigitalAsset, line: OrderLine, user: User, *, most: int = 3) -> DownloadGrant:
    """Return the right of the buyer of a line to a file."""
    return DownloadGrant(
        line_id=line.id,
        suborder_id=line.suborder_id,
        asset_id=asset.id,
        user_id=user.id,
        most=most,
    )


def license_key(world: World, vendor_id: UUID, variant_id: UUID, code: str) -> LicenseKey:
    """Return a key that is free."""
    lookup = world.sealer.lookup(LICENSE_KEY, code)
    key = LicenseKey(
        variant_id=variant_id,
        vendor_id=vendor_id,
        key=b"",
        key_lookup=lookup.oldest,
        next_key_lookup=lookup.newest,
    )
    key.key = world.sealer.seal(KEY_COLUMN, key.id, code.encode())
    return key


@dataclass
class DigitalShop:
    """A vendor with a published digital product of one variant, which has no file yet."""

    world: World
    api: Client
    owner: User
    vendor: Vendor
    variant: Variant

    @classmethod
    async def open(cls, world: World, api: Client, **values: Any) -> Self:
        owner = await world.user()
        vendor = await world.vendor(owner)
        product = await world.product(
            vendor, price=PRICE, variants=0, kind="DIGITAL", min_price=PRICE, max_price=PRICE
        )
        given = {"tracks_stock": False, "on_hand": 0} | values
        variant = await world.variant(product, price=PRICE, **given)
        return cls(world, api, owner, vendor, variant)

    @property
    def seller(self) -> Client:
        return self.api.signed_in(self.owner)

    async def upload(self, file: bytes, **values: Any) -> str:
        """Return the id of a file that was uploaded to be sold."""
        given = {"fileName": "file", "contentType": "", "purpose": "DIGITAL"} | values
        finished = await Uploader(self.seller).upload(file, **given)
        assert finished["errors"] == []
        id: str = finished["upload"]["id"]
        return id

    async def add(self, file: bytes | None = None, name: str = "a.png", **values: Any) -> Any:
        """Return the payload of a new file of the variant, by default a picture."""
        upload_id = await self.upload(picture() if file is None else file, fileName=name)
        given = {"variantId": gid(self.variant), "uploadId": upload_id}
        key = {"idempotencyKey": str(new_id())}
        return await self.seller.do("addDigitalAsset", given | key | values, ASSET)

    async def import_keys(self, *keys: str) -> dict[str, Any]:
        given = {"variantId": gid(self.variant), "keys": [*keys]}
        key = {"idempotencyKey": str(new_id())}
        return await self.seller.do("importLicenseKeys", given | key, "variant { orderable }")

    async def sell(self, *variants: Variant, quantity: int = 1, **values: Any) -> "DigitalSale":
        """Return an order that a new buyer has paid from their wallet."""
        buyer = await Buyer.create(self.world, self.api)
        goods = variants or (self.variant,)
        total = sum(one.price for one in goods) * quantity
        await self.world.fund(buyer.user, total)
        await buyer.fill(*goods, quantity=quantity, wallet=total, **values)
        placed = await buyer.place(total, provider="WALLET")
        assert placed["errors"] == []
        return DigitalSale(self, buyer)


@dataclass
class DigitalSale:
    """An order of digital goods, and its buyer."""

    shop: DigitalShop
    buyer: Buyer

    @property
    def client(self) -> Client:
        return self.buyer.client

    async def order(self) -> Order:
        return await self.buyer.order()

    async def lines(self) -> Sequence[OrderLine]:
        rows = select(OrderLine).join(SubOrder, col(SubOrder.id) == OrderLine.suborder_id)
        order = await self.order()
        rows = rows.where(SubOrder.order_id == order.id).order_by(col(OrderLine.position))
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows)).all()

    async def grants(self) -> Sequence[DownloadGrant]:
        rows = select(DownloadGrant).where(DownloadGrant.user_id == self.buyer.user.id)
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows.order_by(col(DownloadGrant.id)))).all()

    async def grant(self) -> DownloadGrant:
        """Return the only right."""
        (grant,) = await self.grants()
        return grant

    async def keys(self) -> Sequence[LicenseKey]:
        rows = select(LicenseKey).where(LicenseKey.user_id == self.buyer.user.id)
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows.order_by(col(LicenseKey.unit_number)))).all()

    async def link(self, grant: DownloadGrant | None = None) -> dict[str, Any]:
        wanted = grant or await self.grant()
        return await self.client.do("createDownloadLink", {"grantId": gid(wanted)}, LINK)

    async def url(self, grant: DownloadGrant | None = None) -> str:
        linked = await self.link(grant)
        assert linked["errors"] == []
        url: str = linked["url"]
        return url
