"""The database constraints on exports and deletions, with SQL that violates each of them."""

from tests.models.sql import change, copy

RULES = [
    ("data_export_size_check", change("data_export", "size = NULL")),
    ("data_export_size_check", change("data_export", "size = 0")),
    (
        "data_export_downloaded_at_check",
        change("data_export", "downloaded_at = expires_at + interval '1 second'"),
    ),
    (
        "data_export_downloaded_at_check",
        change("data_export", "downloaded_at = now(), ready_at = NULL, size = NULL"),
    ),
    ("data_export_token_hash_key", copy("data_export")),
    ("account_deletion_due_at_check", change("account_deletion", "due_at = created_at")),
    ("account_deletion_user_id_key", copy("account_deletion", token_hash="\\x02")),
    (
        "account_deletion_token_hash_key",
        copy("account_deletion", user_id="00000000-0000-0000-0000-000000000000"),
    ),
    (
        "erasure_erased_at_check",
        "INSERT INTO erasure VALUES (gen_random_uuid(), now(), now() - interval '1 day', '{}')",
    ),
]
