"""Fields of Vendor for pages, search engines and links, and its commission."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from core.text.cleaning import shorten
from dataloaders.pictures import images_of_vendor
from dataloaders.vendors import commissions_of_vendor, own_membership, slug_of_vendor
from engine.context import Info
from engine.permissions import visible_to_members
from engine.types import Rows, column, field, loaded, localized_text, related
from models import vendors as rows
from models.base import localized
from models.members import Permission
from models.pictures import ShownPicture, VendorImageKind
from models.vendors.commissions import MAX_PLANNED
from models.vendors.commissions import VendorCommission as CommissionRow
from schema.pictures.types import Picture
from services.vendors.access import may_do

MAX_SHARED_TEXT = 200
# Of the pictures of a vendor, the first one of the first kind that it has.
SHARED_KINDS = (VendorImageKind.COVER, VendorImageKind.GALLERY, VendorImageKind.LOGO)
SHARED_COLUMNS = ("id", "name", "locale", "description", "seo_title", "seo_text")


@strawberry.type(
    description="How a link to a vendor is shown, in search results and messages. Visible to"
    " everyone who can see the vendor."
)
class VendorShare(Rows[rows.Vendor]):
    @field("The title: `seoTitle`, else the name.", needs=SHARED_COLUMNS, public=True)
    def title(root: strawberry.Parent[rows.Vendor], info: Info) -> str:
        return localized(root.seo_title, info.context.locales, root.locale) or root.name

    @field(
        f"The text: `seoText`, else the start of the description, at most {MAX_SHARED_TEXT}"
        " characters. It can be empty.",
        needs=SHARED_COLUMNS,
        public=True,
    )
    def text(root: strawberry.Parent[rows.Vendor], info: Info) -> str:
        texts = root.seo_text or root.description
        return shorten(localized(texts, info.context.locales, root.locale), MAX_SHARED_TEXT)

    @loaded(
        images_of_vendor,
        by="id",
        description="The picture: the cover, else one of the gallery, else the logo. Null if there"
        " is none.",
        public=True,
    )
    def picture(
        root: strawberry.Parent[rows.Vendor], images: Sequence[ShownPicture]
    ) -> Picture | None:
        ranked: list[Any] = sorted(images, key=lambda image: SHARED_KINDS.index(image.kind))
        return next(iter(ranked), None)


@strawberry.type(
    description="The commission of the platform from a time on, until the next one begins. Visible"
    " to the vendor's owners and admins."
)
class VendorCommission(Rows[CommissionRow]):
    bps: int = column("The share of what is sold, in basis points: 250 is 2.5 %.")
    starts_at: datetime = column("The time at which it begins.")


@strawberry.type
class ProfileVendorFields:
    """A base of Vendor, not a type of the schema."""

    canonical_slug: str | None = related(
        slug_of_vendor,
        by="id",
        description="The current slug, for the address of its page. A page that was found by"
        " another one should redirect to it. Null if the vendor has none yet.",
        public=True,
    )
    seo_title: str = localized_text(
        "seo_title", "The title for search engines. Empty if the vendor has not given one."
    )
    seo_text: str = localized_text(
        "seo_text", "The text for search engines. Empty if the vendor has not given one."
    )
    share: VendorShare = strawberry.field(
        resolver=lambda root: root,
        graphql_type=VendorShare,
        description="How a link to the vendor is shown.",
        metadata={"needs": SHARED_COLUMNS, "public": True},
    )

    @visible_to_members(own_membership, may_do(Permission.SEE_COMMISSION), admins=True)
    @field(
        "The current commission, then those that begin later. Empty if none was set: nothing is"
        " kept. Visible to owners and admins.",
        needs=("id",),
        size=MAX_PLANNED + 1,
    )
    async def commissions(
        root: strawberry.Parent[rows.Vendor], info: Info
    ) -> list[VendorCommission]:
        found = await info.context.loaders[commissions_of_vendor].load(root.id)
        return [VendorCommission.wrap(one) for one in found]
