"""The database constraints on pictures of vendors, offers and users."""

from tests.models.sql import change, copy

OTHER_ID = "00000000-0000-0000-0000-000000000001"

RULES = [
    ("vendor_image_vendorimagekind_check", change("vendor_image", "kind = 'ICON'")),
    ("vendor_image_position_check", change("vendor_image", "position = 1")),
    ("vendor_image_position_check", change("vendor_image", "kind = 'GALLERY', position = 18")),
    ("vendor_image_position_check", change("vendor_image", "position = -1")),
    ("vendor_image_upload_id_key", copy("vendor_image", kind="GALLERY")),
    (
        "vendor_image_vendor_id_kind_position_key",
        "ALTER TABLE vendor_image DROP CONSTRAINT vendor_image_upload_id_fkey;"
        + copy("vendor_image", upload_id=OTHER_ID),
    ),
    ("offer_picture_position_check", change("offer_picture", "position = 10")),
    ("offer_picture_position_check", change("offer_picture", "position = -1")),
    ("offer_picture_offer_id_upload_id_key", copy("offer_picture", position=1)),
    (
        "offer_picture_offer_id_position_key",
        "ALTER TABLE offer_picture DROP CONSTRAINT offer_picture_upload_id_fkey;"
        + copy("offer_picture", upload_id=OTHER_ID),
    ),
    (
        "avatar_user_id_key",
        "ALTER TABLE avatar DROP CONSTRAINT avatar_upload_id_fkey;"
        + copy("avatar", upload_id=OTHER_ID),
    ),
    (
        "avatar_upload_id_key",
        "ALTER TABLE avatar DROP CONSTRAINT avatar_user_id_fkey;"
        + copy("avatar", user_id=OTHER_ID),
    ),
    ("picture_sizes_picturestate_check", change("picture_sizes", "state = 'DONE'")),
    ("picture_sizes_ready_check", change("picture_sizes", "state = 'FAILED'")),
    ("picture_sizes_ready_check", change("picture_sizes", "sizes = '[]'")),
    ("picture_sizes_ready_check", change("picture_sizes", "blurhash = NULL")),
    (
        "picture_sizes_sizes_check",
        change("picture_sizes", "sizes = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]'"),
    ),
    ("picture_sizes_blurhash_check", change("picture_sizes", "blurhash = 'L'")),
    ("picture_sizes_bytes_check", change("picture_sizes", "bytes = -1")),
]
