"""The constraints on venues, charts, events, dates, ticket types and quotas."""

from tests.models.sql import Rule, change, copy, one_line, places

UPPER, UNKNOWN = "min(id::text)::uuid", "'GONE'"
OTHER_ID = "00000000-0000-0000-0000-000000000001"
EVENT, DATE, TYPE, TIER = "event", "event_date", "ticket_type", "price_tier"
QUOTA, QUESTION, SECTION = "ticket_quota", "event_question", "chart_section"
ROW, CATEGORY, PICTURE = "chart_row", "price_category", "event_picture"


def same_id(table: str, *columns: str) -> Rule:
    """Return SQL that gives two rows one id, which only a key for foreign keys refuses."""
    name = "_".join([table, "id", *columns, "key"])
    drop = f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey CASCADE;"
    others = ", ".join(
        f"{column} = (SELECT min({column}::text)::uuid FROM {table})" for column in columns
    )
    ids = f"id = (SELECT {UPPER} FROM {table}), {others}"
    return name, drop + change(table, ids).replace(":", r"\:")


def many(count: int) -> str:
    return f"array_fill(gen_random_uuid(), ARRAY[{count}])"


def coordinates(table: str, x: str, y: str) -> list[Rule]:
    name = f"{table}_coordinates_check"
    return [(name, change(table, f"{one} = {at}")) for one in (x, y) for at in (100_001, -100_001)]


RULES: list[Rule] = [
    *one_line("venue", "name"),
    *one_line("venue", "city"),
    *one_line("venue", "subdivision"),
    *places("venue"),
    ("venue_pin_code_check", change("venue", "pin_code = '56 001'")),
    ("venue_street_lines_check", change("venue", "street_lines = ARRAY['1', '2', '3', '4']")),
    ("venue_street_lines_check", change("venue", r"street_lines = ARRAY[E'a\nb']")),
    same_id("venue", "vendor_id"),
    *one_line("chart", "name"),
    ("chart_chartstate_check", change("chart", f"state = {UNKNOWN}, published_at = now()")),
    ("chart_published_at_check", change("chart", "published_at = NULL")),
    ("chart_published_at_check", change("chart", "published_at = now()")),
    ("chart_version_check", change("chart", "version = 0")),
    ("chart_seats_check", change("chart", "seats = 100001")),
    ("chart_seats_check", change("chart", "seats = -1")),
    ("chart_standing_check", change("chart", "standing = 1000001")),
    *coordinates("chart", "focal_x", "focal_y"),
    ("chart_venue_id_name_version_key", copy("chart")),
    same_id("chart", "venue_id"),
    *one_line(CATEGORY, "name"),
    ("price_category_colour_check", change(CATEGORY, "colour = 'red'")),
    ("price_category_position_check", change(CATEGORY, "position = 50")),
    ("price_category_position_check", change(CATEGORY, "position = -1")),
    ("price_category_chart_id_name_key", copy(CATEGORY, position=1)),
    ("price_category_chart_id_position_key", copy(CATEGORY, name="Balcony")),
    *one_line(SECTION, "name"),
    *one_line(SECTION, "entrance"),
    ("chart_section_sectionkind_check", change(SECTION, f"kind = {UNKNOWN}")),
    ("chart_section_capacity_check", change(SECTION, "capacity = 1")),
    ("chart_section_capacity_check", change(SECTION, "kind = 'STANDING'")),
    ("chart_section_capacity_check", change(SECTION, "kind = 'STANDING', capacity = 0")),
    ("chart_section_position_check", change(SECTION, "position = 500")),
    ("chart_section_position_check", change(SECTION, "position = -1")),
    *coordinates(SECTION, "x", "y"),
    ("chart_section_chart_id_name_key", copy(SECTION, position=1)),
    ("chart_section_chart_id_position_key", copy(SECTION, name="Balcony")),
    *one_line(ROW, "label"),
    ("chart_row_block_check", change(ROW, "block = 100")),
    ("chart_row_block_check", change(ROW, "block = -1")),
    ("chart_row_rank_check", change(ROW, "rank = 1000001")),
    ("chart_row_rank_check", change(ROW, "rank = -1")),
    ("chart_row_centre_check", change(ROW, "centre = 61.5")),
    ("chart_row_centre_check", change(ROW, "centre = -1")),
    ("chart_row_section_id_label_block_key", copy(ROW)),
    *one_line("seat", "number"),
    ("seat_pos_check", change("seat", "pos = 62")),
    ("seat_pos_check", change("seat", "pos = -1")),
    *coordinates("seat", "x", "y"),
    ("seat_companion_check", change("seat", "companion_of_id = id")),
    ("seat_row_id_pos_key", copy("seat", number="99")),
    ("seat_row_id_number_key", copy("seat", pos=50)),
    *places(EVENT),
    ("event_eventstate_check", change(EVENT, f"state = {UNKNOWN}, published_at = now()")),
    ("event_eventvisibility_check", change(EVENT, f"visibility = {UNKNOWN}")),
    ("event_resalepolicy_check", change(EVENT, f"resale = {UNKNOWN}")),
    ("event_orphanrule_check", change(EVENT, f"orphan_rule = {UNKNOWN}")),
    ("event_waitlistrule_check", change(EVENT, f"waitlist = {UNKNOWN}")),
    ("event_transferpolicy_check", change(EVENT, f"transfer = {UNKNOWN}")),
    ("event_transfer_hours_check", change(EVENT, "transfer_hours = 1")),
    ("event_transfer_hours_check", change(EVENT, "transfer = 'UNTIL'")),
    ("event_transfer_hours_check", change(EVENT, "transfer = 'UNTIL', transfer_hours = -1")),
    ("event_refund_hours_check", change(EVENT, "refund_hours = -1")),
    ("event_answer_until_hours_check", change(EVENT, "answer_until_hours = -1")),
    ("event_refund_bps_check", change(EVENT, "refund_bps = 10001")),
    ("event_max_per_user_check", change(EVENT, "max_per_user = 0")),
    ("event_max_per_user_check", change(EVENT, "max_per_user = 101")),
    ("event_min_price_check", change(EVENT, "min_price = -1")),
    ("event_pin_code_check", change(EVENT, "pin_code = 'a b'")),
    ("event_published_at_check", change(EVENT, "published_at = NULL")),
    ("event_published_at_check", change(EVENT, "state = 'PUBLISHED'")),
    ("event_cancelled_at_check", change(EVENT, "state = 'CANCELLED', published_at = now()")),
    same_id(EVENT, "vendor_id"),
    ("event_slug_slug_check", change("event_slug", "slug = 'Concert'")),
    ("event_slug_slug_check", change("event_slug", "slug = 'ab'")),
    ("event_slug_current_key", copy("event_slug", slug="another")),
    ("event_date_eventdatestate_check", change(DATE, f"state = {UNKNOWN}")),
    ("event_date_span_check", change(DATE, "ends_at = starts_at")),
    ("event_date_span_check", change(DATE, "ends_at = starts_at + interval '32 days'")),
    ("event_date_doors_at_check", change(DATE, "doors_at = starts_at + interval '1 second'")),
    ("event_date_sale_check", change(DATE, "sale_starts_at = now(), sale_ends_at = now()")),
    ("event_date_fold_check", change(DATE, "fold = 2")),
    ("event_date_revision_check", change(DATE, "revision = -1")),
    ("event_date_chart_check", change(DATE, "venue_id = NULL WHERE chart_id IS NOT NULL")),
    ("event_date_cancelled_at_check", change(DATE, "cancelled_at = now()")),
    ("event_date_cancelled_at_check", change(DATE, "state = 'CANCELLED'")),
    *(
        ("event_date_stats_check", change(DATE, f"stat_{name} = -1"))
        for name in ("held", "sold", "checked_in", "revenue")
    ),
    ("event_date_start_key", copy(DATE)),
    same_id(DATE, "vendor_id"),
    ("ticket_type_tickettypestate_check", change(TYPE, f"state = {UNKNOWN}")),
    ("ticket_type_tickettypekind_check", change(TYPE, f"kind = {UNKNOWN}")),
    ("ticket_type_position_check", change(TYPE, "position = 100")),
    ("ticket_type_price_check", change(TYPE, "price = -1")),
    ("ticket_type_price_check", change(TYPE, "price = 1000000000001")),
    ("ticket_type_admits_check", change(TYPE, "admits = 0")),
    ("ticket_type_admits_check", change(TYPE, "admits = 21")),
    ("ticket_type_per_order_check", change(TYPE, "min_per_order = 0")),
    ("ticket_type_per_order_check", change(TYPE, "min_per_order = 11")),
    ("ticket_type_per_order_check", change(TYPE, "max_per_order = 51")),
    ("ticket_type_sale_check", change(TYPE, "sale_starts_at = now(), sale_ends_at = now()")),
    ("ticket_type_category_ids_check", change(TYPE, f"category_ids = {many(21)}")),
    ("ticket_type_category_ids_check", change(TYPE, f"category_ids = {many(1)}, admits = 2")),
    (
        "ticket_type_category_ids_check",
        change(TYPE, f"category_ids = {many(1)}, kind = 'ADD_ON'"),
    ),
    ("ticket_type_companion_of_id_check", change(TYPE, "companion_of_id = id")),
    ("ticket_type_hsn_code_check", change(TYPE, "hsn_code = '123'")),
    *one_line(TIER, "name"),
    ("price_tier_position_check", change(TIER, "position = 10")),
    ("price_tier_price_check", change(TIER, "price = -1")),
    ("price_tier_end_check", change(TIER, "until = NULL")),
    ("price_tier_ticket_type_id_position_key", copy(TIER)),
    *one_line(QUOTA, "name"),
    ("ticket_quota_capacity_check", change(QUOTA, "capacity = 1000001")),
    ("ticket_quota_capacity_check", change(QUOTA, "capacity = -1, taken = -2")),
    ("ticket_quota_taken_check", change(QUOTA, "taken = capacity + 1")),
    ("ticket_quota_taken_check", change(QUOTA, "taken = -1")),
    ("ticket_quota_event_date_id_name_key", copy(QUOTA)),
    ("event_question_questionkind_check", change(QUESTION, f"kind = {UNKNOWN}")),
    ("event_question_questionscope_check", change(QUESTION, f"scope = {UNKNOWN}")),
    ("event_question_position_check", change(QUESTION, "position = 100")),
    ("event_question_choices_check", change(QUESTION, "kind = 'CHOICE'")),
    ("event_question_choices_check", change(QUESTION, "choices = '[{}]'")),
    ("event_popularity_check", change(EVENT, "popularity = -1")),
    ("event_picture_position_check", change(PICTURE, "position = 20")),
    ("event_picture_position_check", change(PICTURE, "position = -1")),
    ("event_picture_event_id_upload_id_key", copy(PICTURE, position=1)),
    (
        "event_picture_event_id_position_key",
        "ALTER TABLE event_picture DROP CONSTRAINT event_picture_upload_id_fkey;"
        + copy(PICTURE, upload_id=OTHER_ID),
    ),
]
# Rows without children, which would fail before.
WITH = {
    "venue_vendor_id_fkey": "name = name WHERE archived_at IS NOT NULL",
    "chart_venue_id_fkey": "name = name WHERE state = 'DRAFT'",
    "event_vendor_id_fkey": "locale = locale WHERE state = 'DRAFT'",
    "event_date_venue_id_fkey": "chart_id = NULL",
}
PASSING = [
    change(EVENT, "state = 'ARCHIVED', published_at = NULL"),
    change(DATE, "state = 'CANCELLED', cancelled_at = now()"),
    change(TYPE, f"category_ids = {many(20)}"),
]
