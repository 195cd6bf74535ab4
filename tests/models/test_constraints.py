"""Every rule that the database holds by itself refuses SQL that goes past all of the code."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import models.registry  # noqa: F401
from core.database import Database, constraint
from tests.factories.world import World
from tests.models.chat import rules as chat_rules
from tests.models.sql import change, copy

PLACES = [
    (f"{table}_{column}_check", change(table, f"{column} = {value}"))
    for table in ("vendor", "offer", "redemption")
    for column, values in (
        ("latitude", (-90.1, 90.1)),
        ("longitude", (-181, 181)),
    )
    for value in values
]
NUMBERS = [
    ("vendor_latitude_check", change("vendor", "latitude = 'NaN'")),
    ("redemption_longitude_check", change("redemption", "longitude = 'Infinity'")),
]
WORDS = [
    ("vendor_pin_code_check", change("vendor", "pin_code = 'SW1A 1AA'")),
    ("vendor_pin_code_check", change("vendor", "pin_code = 'sw1a1aa'")),
    ("user_role_check", change("user", "role = 'KING'")),
    ("vendor_vendorstatus_check", change("vendor", "status = 'approved'")),
    ("vendor_member_memberrole_check", change("vendor_member", "role = ''")),
    ("offer_offerstate_check", change("offer", "state = 'GONE'")),
    (
        "offer_discountkind_check",
        "ALTER TABLE offer DROP CONSTRAINT offer_discount_check;"
        + change("offer", "discount_kind = 'NONE'"),
    ),
    ("voucher_voucherstate_check", change("voucher", "state = 'LOST', redeemed_at = NULL")),
    ("redemption_redemptionreason_check", change("redemption", "reason='OK', outcome='REFUSED'")),
    ("redemption_redemptionoutcome_check", change("redemption", "reason='UNKNOWN', outcome='OK'")),
    ("notification_notificationkind_check", change("notification", "kind = 'SPAM'")),
    ("upload_uploadpurpose_check", change("upload", "purpose = 'FUN'")),
    ("upload_uploadstate_check", change("upload", "state = 'SENT'")),
    (
        "upload_uploadrejectionreason_check",
        change("upload", "state = 'REFUSED', rejection_reason = 'UGLY'"),
    ),
]
OFFERS = [
    ("offer_capacity_check", change("offer", "claimed = capacity + 1")),
    ("offer_capacity_check", change("offer", "claimed = -1")),
    ("offer_capacity_check", change("offer", "claimed = -1, capacity = NULL")),
    ("offer_capacity_range_check", change("offer", "capacity = 0, claimed = 0")),
    ("offer_capacity_range_check", change("offer", "capacity = 1000001")),
    ("offer_per_user_limit_check", change("offer", "per_user_limit = 0")),
    ("offer_per_user_limit_check", change("offer", "per_user_limit = 21")),
    ("offer_window_check", change("offer", "ends_at = starts_at")),
    ("offer_pin_codes_check", change("offer", "pin_codes = array_fill('1'\\:\\:text, '{101}')")),
    ("offer_discount_check", change("offer", "percent = 101")),
    ("offer_discount_check", change("offer", "percent = NULL")),
    ("offer_discount_check", change("offer", "amount_minor = 100")),
    ("offer_discount_check", change("offer", "discount_kind = 'AMOUNT'")),
    ("offer_discount_check", change("offer", "discount_kind = 'BUY_GET', percent = NULL, buy = 1")),
    ("offer_discount_check", change("offer", "discount_kind = 'FREE_ITEM', percent = NULL")),
]
VOUCHERS = [
    ("voucher_claim_number_check", change("voucher", "claim_number = 0")),
    ("voucher_claim_number_check", change("voucher", "claim_number = 21")),
    ("voucher_redeemed_at_check", change("voucher", "redeemed_at = NULL")),
    ("voucher_redeemed_at_check", change("voucher", "state = 'CLAIMED'")),
    ("voucher_cancelled_at_check", change("voucher", "cancelled_at = now()")),
    (
        "voucher_cancelled_at_check",
        change("voucher", "state = 'CANCELLED', redeemed_at = NULL"),
    ),
    ("redemption_reason_fits_check", change("redemption", "reason = 'EXPIRED'")),
    ("redemption_reason_fits_check", change("redemption", "outcome = 'REFUSED'")),
]
UPLOADS = [
    ("upload_size_check", change("upload", "size = 0")),
    ("upload_size_check", change("upload", "size = 26214401")),
    ("upload_key_check", change("upload", "state = 'READY'")),
    ("upload_key_check", change("upload", "key = 'kept/1'")),
    ("upload_rejection_reason_check", change("upload", "state = 'REFUSED'")),
    ("upload_rejection_reason_check", change("upload", "rejection_reason = 'TYPE'")),
    ("upload_attached_at_check", change("upload", "attached_at = now()")),
    (
        "upload_attached_at_check",
        change("upload", "state = 'REFUSED', rejection_reason = 'TYPE', attached_at = now()"),
    ),
    ("upload_freed_at_check", change("upload", "freed_at = now()")),
    ("upload_transfer_check", change("upload", "received_at = now(), transfer_ends_at = now()")),
    ("upload_quota_bytes_check", change("upload_quota", "bytes = 0")),
    ("upload_quota_bytes_check", change("upload_quota", "bytes = 524288001")),
    ("upload_picture_check", change("upload", "width = 1")),
    ("upload_picture_check", change("upload", "height = 1")),
    ("upload_pixels_check", change("upload", "width = 0, height = 1")),
    ("upload_pixels_check", change("upload", "width = 1, height = -1")),
]
NOTIFICATIONS = [
    ("notification_count_check", change("notification", "count = 0")),
    ("notification_inbox_unread_check", change("notification_inbox", "unread = -1")),
    ("quiet_hours_span_check", change("quiet_hours", "starts_at = ends_at")),
    ("device_platform_check", change("device", "platform = 'FAX'")),
    ("notification_preference_channel_check", change("notification_preference", "channel = ''")),
    (
        "notification_preference_notificationkind_check",
        change("notification_preference", "kind = 'SPAM'"),
    ),
    ("delivery_channel_check", change("delivery", "channel = 'FAX', device_id = NULL")),
    ("delivery_device_check", change("delivery", "device_id = NULL")),
    ("delivery_device_check", change("delivery", "channel = 'MAIL'")),
    ("delivery_attempts_check", change("delivery", "attempts = 9")),
    ("delivery_attempts_check", change("delivery", "attempts = -1")),
    ("delivery_settled_check", change("delivery", "state = 'SENT'")),
    ("delivery_settled_check", change("delivery", "completed_at = now()")),
    ("delivery_deliverystate_check", change("delivery", "state = 'LOST', completed_at = now()")),
    (
        "delivery_skip_reason_check",
        change("delivery", "state = 'SKIPPED', completed_at = now()"),
    ),
    ("delivery_skip_reason_check", change("delivery", "skip_reason = 'READ'")),
    (
        "delivery_skipreason_check",
        change("delivery", "state = 'SKIPPED', completed_at = now(), skip_reason = 'RAIN'"),
    ),
]
# A line break, a direction override, an invisible character, spaces at the ends, and nothing.
NOT_ONE_LINE = (r"E'a\nb'", r"E'a\u202eb'", r"E'a\u200bb'", "' a'", "'a '", "''")
LINES = [
    (f"{table}_{column}_line_check", change(table, f"{column} = {value}"))
    for table, column in (
        ("user", "name"),
        ("vendor", "name"),
        ("vendor", "city"),
        ("vendor", "subdivision"),
        ("api_token", "name"),
        ("canned_reply", "title"),
        ("upload", "file_name"),
        ("redemption", "device_id"),
    )
    for value in NOT_ONE_LINE
    if (table, value) != ("api_token", "''")  # `api_token_name_check` refuses it first
]
OTHER_ID = "00000000-0000-0000-0000-000000000001"
PICTURES = [
    ("vendor_street_lines_check", change("vendor", "street_lines = '{a,b,c,d}'")),
    ("vendor_street_lines_check", change("vendor", r"street_lines = ARRAY[E'a\nb']")),
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
    ("offer_picture_upload_id_key", copy("offer_picture", position=1)),
    (
        "offer_picture_offer_id_position_key",
        "ALTER TABLE offer_picture DROP CONSTRAINT offer_picture_upload_id_fkey;"
        + copy("offer_picture", upload_id=OTHER_ID),
    ),
]
SESSIONS = [
    ("user_session_idle_until_check", change("user_session", "idle_until = ends_at + '1 s'")),
    ("user_session_confirmed_check", change("user_session", "confirmed = 1")),
    ("user_session_confirmed_check", change("user_session", "confirmed = -1")),
    ("user_session_successor_salt_check", change("user_session", "successor_salt = '1'")),
    ("revocation_revocationkind_check", change("revocation", "kind = 'VENDOR'")),
]
API_TOKENS = [
    ("api_token_name_check", change("api_token", "name = ''")),
    ("api_token_name_check", change("api_token", "name = repeat('x', 81)")),
    ("api_token_scopes_check", change("api_token", "scopes = '{}'")),
    ("api_token_scopes_check", change("api_token", "scopes = '{READ,ADMIN}'")),
    ("api_token_scopes_check", change("api_token", "scopes = '{READ,WRITE,READ}'")),
    ("api_token_expires_at_check", change("api_token", "expires_at = created_at")),
]
REGISTRATIONS = [
    ("registration_email_check", change("registration", "email = 'A@b.example'")),
    ("registration_email_length_check", change("registration", "email = repeat('x', 255)")),
    ("registration_name_check", change("registration", "name = ''")),
    ("registration_name_check", change("registration", "name = repeat('x', 81)")),
    ("registration_name_line_check", change("registration", "name = E'a\\nb'")),
    ("registration_locale_check", change("registration", "locale = repeat('x', 36)")),
    ("registration_tries_check", change("registration", "tries = -1")),
    ("registration_tries_check", change("registration", "tries = 6")),
    (
        "registration_used_at_check",
        change("registration", "used_at = expires_at + interval '1 second'"),
    ),
    ("registration_proofs_check", change("registration", "token_hash = NULL")),
    ("registration_proofs_check", change("registration", "code_hash = NULL")),
    ("registration_secret_hash_key", copy("registration", token_hash="\\x01")),
    ("registration_token_hash_key", copy("registration", secret_hash="\\x01")),
]
CATEGORIES = [
    ("category_path_ends_in_slug_check", change("category", "path = 'elsewhere/'")),
    ("category_slug_check", change("category", "slug = 'A', path = 'A/'")),
    ("category_slug_check", change("category", "slug = 'a--b', path = 'a--b/'")),
    (
        "category_slug_check",
        change("category", "slug = repeat('x', 61), path = repeat('x', 61) || '/'"),
    ),
    ("category_depth_check", change("category", "path = 'a/a/a/a/a/' || slug || '/'")),
    ("category_position_check", change("category", "position = -1")),
]
INVITATIONS = [
    ("admin_invitation_email_check", change("admin_invitation", "email = 'A@b.example'")),
    ("admin_invitation_email_length_check", change("admin_invitation", "email = repeat('x', 255)")),
    (
        "admin_invitation_used_at_check",
        change("admin_invitation", "used_at = expires_at + interval '1 second'"),
    ),
    ("admin_invitation_email_key", copy("admin_invitation", token_hash="\\x01")),
    ("admin_invitation_token_hash_key", copy("admin_invitation", email="b@haat.example")),
]
# Its trigger refuses every UPDATE, so these are inserted.
AUDIT = [
    ("audit_entry_auditoutcome_check", copy("audit_entry", outcome="LOST", code="X")),
    ("audit_entry_actorkind_check", copy("audit_entry", actor_kind="GHOST")),
    ("audit_entry_outcome_code_check", copy("audit_entry", code="X")),
    ("audit_entry_outcome_code_check", copy("audit_entry", outcome="REFUSED")),
    ("audit_entry_code_check", copy("audit_entry", outcome="REFUSED", code="X" * 41)),
    ("audit_entry_network_check", copy("audit_entry", network="1" * 65)),
    ("audit_entry_times_check", copy("audit_entry", times=0)),
]
LIMITS = [
    ("daily_use_dailyact_check", change("daily_use", "act = 'SHOUT'")),
    ("daily_use_used_check", change("daily_use", "used = 0")),
    ("known_network_network_hash_check", change("known_network", "network_hash = '1'")),
]
ONCE = [
    ("user_email_key", change("user", "email = CASE WHEN id = id THEN 'A@b.example' END")),
    ("category_path_key", change("category", "path = 'a/', slug = 'a'")),
    ("vendor_member_vendor_id_user_id_key", copy("vendor_member")),
    ("refresh_token_token_hash_key", copy("refresh_token")),
    ("notification_user_id_kind_subject_id_up_to_sequence_key", copy("notification")),
    ("notification_preference_user_id_kind_channel_key", copy("notification_preference")),
    ("device_token_hash_key", copy("device")),
    ("delivery_notification_id_channel_device_id_key", copy("delivery")),
    ("api_token_token_hash_key", copy("api_token")),
    ("voucher_code_key", copy("voucher", claim_number=2)),
    ("voucher_claim_number_key", copy("voucher", code="other")),
    ("redemption_approved_key", copy("redemption")),
]
# Columns to change with a foreign key, so that no other constraint fails first.
WITH = {"message_upload_id_fkey": ", kind = 'IMAGE', offer_id = NULL"}
FOREIGN = sorted(
    (name, change(table.name, f"{key.column_keys[0]} = gen_random_uuid()" + WITH.get(name, "")))
    for table in SQLModel.metadata.sorted_tables
    for key in table.foreign_key_constraints
    if (name := str(key.name))
)
OURS = [
    *PICTURES,
    *PLACES,
    *NUMBERS,
    *WORDS,
    *OFFERS,
    *VOUCHERS,
    *UPLOADS,
    *NOTIFICATIONS,
    *SESSIONS,
    *API_TOKENS,
    *REGISTRATIONS,
    *CATEGORIES,
    *INVITATIONS,
    *AUDIT,
    *LINES,
    *LIMITS,
    *ONCE,
    *chat_rules.RULES,
]
RULES = [*OURS, *FOREIGN]


async def run(database: Database, statements: str) -> None:
    """To the point where a commit would follow, and back."""
    async with database.session() as session:
        for statement in (*statements.split(";"), "SET CONSTRAINTS ALL IMMEDIATE"):
            await session.execute(text(statement))


@pytest.mark.parametrize(("name", "statement"), RULES)
async def test_rule_refuses(peopled: World, database: Database, name: str, statement: str) -> None:
    with pytest.raises(IntegrityError) as refused:
        await run(database, statement)
    assert constraint(refused.value) == name


@pytest.mark.parametrize(
    "statement",
    [
        copy("voucher", code="other", state="CANCELLED", redeemed_at=None, cancelled_at="today"),
        copy("redemption", outcome="REFUSED", reason="ALREADY_REDEEMED"),
        change("offer", "capacity = NULL, claimed = 2000000"),
        change("offer", "discount_kind = 'BUY_GET', percent = NULL, buy = 1, get = 1"),
        change("upload", "state = 'READY', key = 'kept/1', attached_at = now()"),
        *chat_rules.PASSING,
    ],
)
async def test_rule_accepts_valid_code(peopled: World, database: Database, statement: str) -> None:
    await run(database, statement)


async def test_every_constraint_is_tested_here(database: Database) -> None:
    rules = """
        SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE connamespace = 'public'\\:\\:regnamespace AND contype IN ('c', 'u', 'f', 'x')
            AND relname !~ '^procrastinate'
        UNION
        SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = 'public'\\:\\:regnamespace AND indisunique AND NOT indisprimary
            AND relname !~ 'procrastinate'
    """
    async with database.session() as session:
        held = set((await session.execute(text(rules))).scalars())
    assert held == {name for name, _ in RULES}
