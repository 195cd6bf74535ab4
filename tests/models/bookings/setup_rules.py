"""The constraints on services, resources, schedules, closures and cancellation policies."""

from tests.models.sql import Rule, change, copy, one_line

UNKNOWN = "'GONE'"
POLICY, RESOURCE, SERVICE = "cancellation_policy", "resource", "service"


def ranges(table: str, **values: tuple[object, ...]) -> list[Rule]:
    """Return SQL that sets a column out of its range, below or above."""
    return [
        (f"{table}_{column}_check", change(table, f"{column} = {value}"))
        for column, wrong in values.items()
        for value in wrong
    ]


def enums(table: str, **kinds: str) -> list[Rule]:
    return [
        (f"{table}_{kind}_check", change(table, f"{column} = {UNKNOWN}"))
        for column, kind in kinds.items()
    ]


def same_id(table: str, **values: object) -> Rule:
    """Return SQL that gives two rows one id, which only a key for foreign keys refuses."""
    drop = f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey CASCADE"
    one = change(table, f"id = (SELECT min(id::text)::uuid FROM {table})").replace(":", r"\:")
    return f"{table}_id_vendor_id_key", f"{drop}; {copy(table, **values)}; {one}"


def spans(count: int) -> str:
    return f"""(SELECT jsonb_agg('[1, 2]'::jsonb) FROM generate_series(1, {count}))""".replace(
        ":", r"\:"
    )


RULES: list[Rule] = [
    *one_line(POLICY, "name"),
    *ranges(
        POLICY,
        reschedules=(-1, 21),
        reschedule_minutes=(-1, 86_401),
        no_show_bps=(-1, 10_001),
        tiers=(spans(7),),
    ),
    (f"{POLICY}_vendor_id_name_key", copy(POLICY)),
    same_id(POLICY, name="Other"),
    *one_line(RESOURCE, "name"),
    *enums(RESOURCE, state="resourcestate"),
    (f"{RESOURCE}_resourcekind_check", change(RESOURCE, f"kind = {UNKNOWN}, member_id = NULL")),
    *ranges(RESOURCE, lanes=(0, 21), weight=(-1, 1_001), position=(-1, 1_000)),
    ("resource_member_id_check", change(RESOURCE, "kind = 'ROOM'")),
    ("resource_member_key", copy(RESOURCE)),
    same_id(RESOURCE, member_id=None),
    *enums(SERVICE, state="servicestate", anchor="slotanchor", staff_choice="staffchoice"),
    *ranges(
        SERVICE,
        duration=(4, 721),
        buffer_before=(-1, 121),
        buffer_after=(-1, 121),
        step=(4, 241),
        notice=(-1, 43_201),
        horizon=(0, 366),
        seats=(0, 201),
        per_user_open=(0, 11),
        per_day=(0, 501),
        price=(10**12 + 1,),
        deposit=(-1, 500_01),
        position=(-1, 1_000),
        hsn_code=("'123'", "'1234x'"),
        species=("ARRAY['dog']",),
    ),
    (
        "service_species_check",
        change(SERVICE, "needs_pet = true, species = array_fill('dog'\\:\\:text, ARRAY[21])"),
    ),
    same_id(SERVICE),
    *ranges("service_need", count=(0, 4)),
    *enums("service_need", kind="resourcekind"),
    *ranges("service_resource", duration=(4, 721), price=(-1, 10**12 + 1)),
    ("schedule_days_check", change("schedule", "until_day = from_day - 1")),
    *ranges("schedule", spans=(spans(43),)),
    ("schedule_days_excl", copy("schedule")),
    *ranges("day_override", spans=(spans(7),)),
    ("day_override_resource_id_day_key", copy("day_override")),
    *one_line("closure", "name"),
    ("closure_days_check", change("closure", "until_day = from_day - 1")),
    ("closure_days_check", change("closure", "until_day = from_day + 366")),
]
