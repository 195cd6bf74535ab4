"""Files of the demo's digital products: a PDF file that is marked for its buyers, and a picture."""

import hashlib
from functools import cache
from io import BytesIO
from uuid import UUID

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas
from sqlmodel.ext.asyncio.session import AsyncSession

from core.media.file_types import JPEG, PDF
from core.media.watermarks import make_preview
from demo.dataset import Dataset, DemoFile
from demo.pictures import draw_cover
from demo.rng import SeededRandom
from models.catalog.products import Product, ProductKind
from models.catalog.variants import Variant
from models.downloads.assets import AssetState, DigitalAsset, Watermark, preview_prefix
from models.downloads.grants import DownloadGrant
from models.orders.lines import OrderLine
from models.uploads import Upload, UploadPurpose, UploadState, stored_key
from services.downloads.serving.copies import make_copy_later

SEED = 560047
PAGES = 4


def seed_downloads(_: SeededRandom, dataset: Dataset) -> None:
    """Add the files of each digital variant. Their numbers are drawn apart from the others."""
    rng = SeededRandom(SEED)
    sellers = {vendor.row.id: vendor.member_ids[0] for vendor in dataset.vendors}
    digital = {one.id: one for one in dataset.products if one.kind is ProductKind.DIGITAL}
    for variant in dataset.variants:
        if product := digital.get(variant.product_id):
            seller, title = sellers[variant.vendor_id], product.title["en"]
            guide = _draw_guide(title)
            _add_asset(rng, dataset, variant, seller, "guide.pdf", guide, PDF)
            cover = draw_cover(rng.randint(0, 23))
            _add_asset(rng, dataset, variant, seller, "cover.jpg", cover, JPEG)


def grant_files(dataset: Dataset, line: OrderLine, user_id: UUID) -> None:
    """Give the buyer of a line its files. The worker marks the copies."""
    for asset in dataset.assets:
        if asset.variant_id == line.ref_id:
            dataset.order_rows.append(
                DownloadGrant(
                    created_at=line.created_at,
                    line_id=line.id,
                    suborder_id=line.suborder_id,
                    asset_id=asset.id,
                    user_id=user_id,
                    most=asset.max_downloads * line.quantity,
                )
            )


async def mark_copies(session: AsyncSession, dataset: Dataset) -> None:
    """Have the copies with the buyer's mark made, which a delivery does."""
    for row in dataset.order_rows:
        if isinstance(row, DownloadGrant):
            await make_copy_later(session, row.id)


def find_digital(dataset: Dataset, currency: str) -> Variant:
    """Return the first variant with files that is sold in a currency."""
    sold = {one.id for one in dataset.products if _is_sold(one)}
    with_files = {asset.variant_id for asset in dataset.assets}
    return next(
        one
        for one in dataset.variants
        if one.product_id in sold and one.id in with_files and one.currency == currency
    )


def _is_sold(product: Product) -> bool:
    return product.kind is ProductKind.DIGITAL and product.state == "PUBLISHED"


def _add_asset(
    rng: SeededRandom,
    dataset: Dataset,
    variant: Variant,
    user_id: UUID,
    name: str,
    content: bytes,
    content_type: str,
) -> None:
    """Add a file with its upload and its preview."""
    id, sha256 = rng.uuid7_at(variant.created_at), hashlib.sha256(content).hexdigest()
    upload = Upload(
        id=id,
        created_at=variant.created_at,
        user_id=user_id,
        purpose=UploadPurpose.DIGITAL,
        state=UploadState.READY,
        file_name=name,
        content_type=content_type,
        size=len(content),
        key=stored_key(id, sha256),
        expires_at=variant.created_at,
        attached_at=variant.created_at,
    )
    preview = _draw_preview(content)
    asset = DigitalAsset(
        id=rng.uuid7_at(variant.created_at),
        created_at=variant.created_at,
        variant_id=variant.id,
        vendor_id=variant.vendor_id,
        upload_id=upload.id,
        state=AssetState.READY,
        file_name=name,
        content_type=content_type,
        size=len(content),
        sha256=sha256,
        object_key=upload.key or "",
        watermark=Watermark.PDF if content_type == PDF else Watermark.NONE,
        preview_sha256=hashlib.sha256(preview).hexdigest(),
        position=0 if content_type == PDF else 1,
    )
    dataset.uploads.append(upload)
    dataset.assets.append(asset)
    dataset.files += [
        DemoFile(asset.object_key, content, content_type),
        DemoFile(f"{preview_prefix(asset.id)}{asset.preview_sha256}", preview, JPEG),
    ]


@cache
def _draw_guide(title: str) -> bytes:
    """Return a booklet of a few pages."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5, invariant=1)
    for page in range(1, PAGES + 1):
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(40, A5[1] - 70, title)
        canvas.setFont("Helvetica", 11)
        for line in range(18):
            canvas.drawString(40, A5[1] - 110 - 22 * line, f"Page {page}, line {line + 1}.")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@cache
def _draw_preview(content: bytes) -> bytes:
    return make_preview(content)
