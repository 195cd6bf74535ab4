"""The database constraints on vendors and their members, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line, places

RULES = [
    *places("vendor"),
    ("vendor_pin_code_check", change("vendor", "pin_code = 'SW1A 1AA'")),
    ("vendor_pin_code_check", change("vendor", "pin_code = 'sw1a1aa'")),
    ("vendor_vendorstatus_check", change("vendor", "status = 'approved'")),
    ("vendor_member_memberrole_check", change("vendor_member", "role = ''")),
    ("vendor_street_lines_check", change("vendor", "street_lines = '{a,b,c,d}'")),
    ("vendor_street_lines_check", change("vendor", r"street_lines = ARRAY[E'a\nb']")),
    ("vendor_member_vendor_id_user_id_key", copy("vendor_member")),
    ("vendor_suspension_number_check", change("vendor_suspension", "number = 0")),
    ("vendor_suspension_reason_check", change("vendor_suspension", "reason = ''")),
    ("vendor_suspension_ended_check", change("vendor_suspension", "ended_at = now()")),
    ("vendor_suspension_open_key", copy("vendor_suspension", number=2)),
    (
        "vendor_suspension_vendor_id_number_key",
        "DROP INDEX vendor_suspension_open_key;" + copy("vendor_suspension"),
    ),
    ("vendor_slug_slug_check", change("vendor_slug", "slug = 'Corner'")),
    ("vendor_slug_slug_check", change("vendor_slug", "slug = 'a-'")),
    ("vendor_slug_slug_check", change("vendor_slug", "slug = 'ab'")),
    ("vendor_slug_current_key", copy("vendor_slug", slug="corner")),
    ("vendor_commission_bps_check", change("vendor_commission", "bps = 5001")),
    ("vendor_commission_number_check", change("vendor_commission", "number = 0")),
    ("vendor_commission_vendor_id_starts_at_key", copy("vendor_commission", number=2)),
    (
        "vendor_commission_vendor_id_number_key",
        copy("vendor_commission", starts_at="2026-01-01T00:00:00Z"),
    ),
    ("vendor_hours_weekday_check", change("vendor_hours", "weekday = 8")),
    ("vendor_hours_span_check", change("vendor_hours", "from_minute = 1440")),
    ("vendor_hours_span_check", change("vendor_hours", "until_minute = from_minute")),
    ("vendor_hours_span_check", change("vendor_hours", "until_minute = from_minute + 1441")),
    ("vendor_hours_span_excl", copy("vendor_hours", from_minute=1079, until_minute=1100)),
    ("vendor_day_spans_check", change("vendor_day", "spans = '[[], [], [], [], []]'")),
    *one_line("vendor_day", "name"),
    ("vendor_open_times_check", change("vendor_open", "ends_at = starts_at")),
    (
        "vendor_open_during_excl",
        "INSERT INTO vendor_open SELECT vendor_id, starts_at + '1 hour', ends_at FROM vendor_open",
    ),
    *one_line("vendor", "name"),
    *one_line("vendor", "city"),
    *one_line("vendor", "subdivision"),
]
WITH = {"vendor_suspension_restorer_id_fkey": "ended_at = now()"}
PASSING = [copy("vendor_hours", from_minute=1080, until_minute=1100)]
