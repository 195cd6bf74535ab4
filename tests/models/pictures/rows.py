"""One picture of a vendor, with its sizes, and one of an offer."""

from models.pictures import (
    OfferPicture,
    PictureSizes,
    PictureState,
    VendorImage,
    VendorImageKind,
)
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    logo, photo = await world.picture(till.customer), await world.picture(till.customer)
    await world.save(
        VendorImage(vendor_id=till.vendor.id, kind=VendorImageKind.LOGO, upload_id=logo.id),
        OfferPicture(offer_id=till.offer.id, upload_id=photo.id),
        PictureSizes(
            upload_id=logo.id, state=PictureState.READY, blurhash="L00000", sizes=[{}], bytes=1
        ),
    )
