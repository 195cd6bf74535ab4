"""The database constraints on uploads, with SQL that violates each of them."""

from tests.models.sql import change, one_line

RULES = [
    ("upload_uploadstate_check", change("upload", "state = 'SENT', key = NULL")),
    (
        "upload_uploadrejectionreason_check",
        change("upload", "state = 'REFUSED', rejection_reason = 'UGLY', key = NULL"),
    ),
    ("upload_size_check", change("upload", "size = 0")),
    ("upload_size_check", change("upload", "size = 26214401")),
    ("upload_key_check", change("upload", "state = 'READY'")),
    ("upload_key_check", change("upload", "key = 'kept/1'")),
    ("upload_rejection_reason_check", change("upload", "state = 'REFUSED', key = NULL")),
    ("upload_rejection_reason_check", change("upload", "rejection_reason = 'TYPE'")),
    ("upload_attached_at_check", change("upload", "attached_at = now()")),
    (
        "upload_attached_at_check",
        change(
            "upload",
            "state = 'REFUSED', rejection_reason = 'TYPE', key = NULL, attached_at = now()",
        ),
    ),
    ("upload_freed_at_check", change("upload", "freed_at = now()")),
    ("upload_transfer_check", change("upload", "received_at = now(), transfer_ends_at = now()")),
    ("upload_quota_bytes_check", change("upload_quota", "bytes = 0")),
    ("upload_quota_bytes_check", change("upload_quota", "bytes = 524288001")),
    ("upload_picture_check", change("upload", "width = 1")),
    ("upload_picture_check", change("upload", "height = 1")),
    ("upload_pixels_check", change("upload", "width = 0, height = 1")),
    ("upload_pixels_check", change("upload", "width = 1, height = -1")),
    *one_line("upload", "file_name"),
]
PASSING = [
    change("upload", "state = 'READY', key = 'kept/1', attached_at = now()"),
]
