"""The database constraints on vendors and their members, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line, places

RULES = [
    *places("vendor"),
    ("vendor_latitude_check", change("vendor", "latitude = 'NaN'")),
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
    *one_line("vendor", "name"),
    *one_line("vendor", "city"),
    *one_line("vendor", "subdivision"),
]
WITH = {"vendor_suspension_restorer_id_fkey": "ended_at = now()"}
