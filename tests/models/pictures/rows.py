"""One picture of a vendor, with its sizes, one of an offer and one of a user."""

from models.pictures import (
    Avatar,
    OfferPicture,
    PictureSizes,
    PictureState,
    VendorImage,
    VendorImageKind,
)
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    logo, photo, face = [await world.picture(till.customer) for _ in range(3)]
    await world.save(
        VendorImage(vendor_id=till.vendor.id, kind=VendorImageKind.LOGO, upload_id=logo.id),
        OfferPicture(offer_id=till.offer.id, upload_id=photo.id),
        Avatar(user_id=till.customer.id, upload_id=face.id),
        PictureSizes(
            upload_id=logo.id, state=PictureState.READY, blurhash="L00000", sizes=[{}], bytes=1
        ),
    )
