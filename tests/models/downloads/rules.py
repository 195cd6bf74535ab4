"""The database constraints on downloads, with SQL that violates each of them."""

from tests.models.sql import OTHER_LOOKUP, OTHER_NEXT_LOOKUP, change, copy, lookups, one_line

ASSET, GRANT, USE, KEY = "digital_asset", "download_grant", "download", "license_key"
ONE = "00000000-0000-0000-0000-000000000001"

RULES = [
    *one_line(ASSET, "file_name"),
    ("digital_asset_sha256_check", change(ASSET, "sha256 = repeat('g', 64)")),
    ("digital_asset_preview_sha256_check", change(ASSET, "preview_sha256 = 'a'")),
    ("digital_asset_size_check", change(ASSET, "size = 0")),
    ("digital_asset_version_check", change(ASSET, "version = 0")),
    ("digital_asset_position_check", change(ASSET, "position = -1")),
    ("digital_asset_max_downloads_check", change(ASSET, "max_downloads = 0")),
    ("digital_asset_max_downloads_check", change(ASSET, "max_downloads = 101")),
    ("digital_asset_valid_days_check", change(ASSET, "valid_days = 0")),
    ("digital_asset_valid_days_check", change(ASSET, "valid_days = 3651")),
    ("digital_asset_checking_check", change(ASSET, "state = 'CHECKING'")),
    ("digital_asset_assetstate_check", change(ASSET, "state = 'SOLD'")),
    ("digital_asset_watermark_check", change(ASSET, "watermark = 'TEXT'")),
    ("digital_asset_upload_id_key", copy(ASSET)),
    ("download_grant_used_check", change(GRANT, "used = 4")),
    ("download_grant_used_check", change(GRANT, "used = -1")),
    ("download_grant_most_check", change(GRANT, "most = 0")),
    ("download_grant_most_check", change(GRANT, "most = 100001")),
    ("download_grant_copy_version_check", change(GRANT, "copy_version = 0")),
    ("download_grant_is_copied_check", change(GRANT, "is_copied = true")),
    ("download_grant_line_id_asset_id_key", copy(GRANT)),
    ("download_requests_check", change(USE, "requests = 0")),
    ("download_downloadoutcome_check", change(USE, "outcome = 'LOST'")),
    ("download_grant_id_jti_key", copy(USE)),
    *lookups(KEY, "key_lookup"),
    ("license_key_sold_check", change(KEY, "user_id = NULL")),
    ("license_key_sold_check", change(KEY, "unit_number = NULL")),
    ("license_key_unit_number_check", change(KEY, "unit_number = -1")),
    (
        "license_key_revoked_check",
        change(
            KEY,
            "revoked_at = now(), line_id = NULL, suborder_id = NULL, user_id = NULL,"
            " unit_number = NULL, sold_at = NULL",
        ),
    ),
    (
        "license_key_vendor_id_key_lookup_key",
        copy(KEY, unit_number=1, next_key_lookup=OTHER_NEXT_LOOKUP),
    ),
    (
        "license_key_vendor_id_next_key_lookup_key",
        copy(KEY, unit_number=1, key_lookup=OTHER_LOOKUP),
    ),
    (
        "license_key_line_id_unit_number_key",
        copy(KEY, key_lookup=OTHER_LOOKUP, next_key_lookup=OTHER_NEXT_LOOKUP),
    ),
]
PASSING = [
    change(GRANT, "used = 3"),
    change(ASSET, "state = 'CHECKING', watermark = 'PDF'"),
    change(KEY, "revoked_at = now()"),
]
