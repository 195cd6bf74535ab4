"""The constraints on check-in lists, scanners, scans, sale queues and changes."""

from tests.models.events.place_rules import UNKNOWN, many, same_id
from tests.models.sql import Rule, change, copy, one_line

DOOR, GATE, SCAN, PRESENCE = "check_in_list", "check_in_gate", "scan", "ticket_presence"
QUEUE, ENTRY = "sale_queue", "sale_queue_entry"
OTHER_ID = "00000000-0000-0000-0000-000000000001"

RULES: list[Rule] = [
    *one_line(DOOR, "name"),
    ("check_in_list_checkinmode_check", change(DOOR, f"mode = {UNKNOWN}")),
    ("check_in_list_max_entries_check", change(DOOR, "max_entries = 1")),
    ("check_in_list_max_entries_check", change(DOOR, "mode = 'TIMES'")),
    ("check_in_list_max_entries_check", change(DOOR, "mode = 'TIMES', max_entries = 101")),
    ("check_in_list_reentry_minutes_check", change(DOOR, "reentry_minutes = 10")),
    (
        "check_in_list_reentry_minutes_check",
        change(DOOR, "mode = 'REENTRY', reentry_minutes = 0"),
    ),
    ("check_in_list_window_check", change(DOOR, "opens_at = now(), closes_at = now()")),
    ("check_in_list_type_ids_check", change(DOOR, f"type_ids = {many(51)}")),
    ("check_in_list_event_date_id_name_key", copy(DOOR)),
    *one_line(GATE, "name"),
    ("check_in_gate_list_id_name_key", copy(GATE)),
    same_id(GATE, "list_id"),
    *one_line("scanner", "name"),
    ("scanner_key_hash_check", change("scanner", "key_hash = '1'")),
    ("scanner_public_key_check", change("scanner", "public_key = '1'")),
    ("scanner_clock_offset_ms_check", change("scanner", "clock_offset_ms = 604800001")),
    ("scanner_clock_offset_ms_check", change("scanner", "clock_offset_ms = -604800001")),
    ("scanner_key_hash_key", copy("scanner")),
    ("scan_scandirection_check", change(SCAN, f"direction = {UNKNOWN}")),
    ("scan_scanmode_check", change(SCAN, f"mode = {UNKNOWN}")),
    ("scan_scanlight_check", change(SCAN, f"shown = {UNKNOWN}")),
    ("scan_scanoutcome_check", change(SCAN, f"outcome = {UNKNOWN}")),
    ("scan_scanreason_check", change(SCAN, f"reason = {UNKNOWN}")),
    ("scan_scananomaly_check", change(SCAN, f"anomaly = {UNKNOWN}")),
    ("scan_seq_check", change(SCAN, "seq = -1")),
    ("scan_generation_check", change(SCAN, "generation = 0")),
    ("scan_presented_hash_check", change(SCAN, "presented_hash = '1'")),
    ("scan_voided_check", change(SCAN, "voided_at = now()")),
    ("scan_voided_check", change(SCAN, "voided_by_id = member_id")),
    ("scan_voided_check", change(SCAN, "voided_at = now(), voided_by_id = member_id")),
    ("scan_void_reason_line_check", change(SCAN, "void_reason = ' x'")),
    ("scan_scanner_id_scan_id_key", copy(SCAN)),
    ("ticket_presence_entries_check", change(PRESENCE, "entries = -1")),
    ("ticket_presence_entries_check", change(PRESENCE, "entries = 101")),
    (
        "ticket_presence_times_check",
        change(PRESENCE, "first_at = now(), last_at = now() - interval '1 s'"),
    ),
    ("sale_queue_salequeuestate_check", change(QUEUE, f"state = {UNKNOWN}")),
    ("sale_queue_times_check", change(QUEUE, "prequeue_at = opens_at + interval '1 s'")),
    ("sale_queue_seed_check", change(QUEUE, "seed = '1'")),
    ("sale_queue_seed_hash_check", change(QUEUE, "seed_hash = '1'")),
    ("sale_queue_serving_check", change(QUEUE, "serving = -1")),
    ("sale_queue_serving_check", change(QUEUE, "last_number = -1")),
    ("sale_queue_per_minute_check", change(QUEUE, "per_minute = 0")),
    ("sale_queue_drawn_count_check", change(QUEUE, "drawn_count = 1")),
    ("sale_queue_pace_check", change(QUEUE, "pace = 0")),
    ("sale_queue_pace_check", change(QUEUE, "pace = 100001")),
    ("sale_queue_most_active_check", change(QUEUE, "most_active = 0")),
    ("sale_queue_admission_minutes_check", change(QUEUE, "admission_minutes = 61")),
    ("sale_queue_drawn_at_check", change(QUEUE, "drawn_at = now()")),
    ("sale_queue_drawn_at_check", change(QUEUE, "state = 'OPEN'")),
    ("sale_queue_event_id_key", copy(QUEUE)),
    (
        "sale_queue_entry_queueentrystate_check",
        change(ENTRY, f"state = {UNKNOWN}, admitted_at = now()"),
    ),
    ("sale_queue_entry_number_check", change(ENTRY, "number = 0")),
    ("sale_queue_entry_admitted_at_check", change(ENTRY, "admitted_at = now()")),
    (
        "sale_queue_entry_admitted_check",
        change(ENTRY, "state = 'ADMITTED', admitted_at = now(), number = NULL"),
    ),
    ("sale_queue_entry_number_key", copy(ENTRY, user_id=OTHER_ID)),
    ("event_change_eventchangekind_check", change("event_change", f"kind = {UNKNOWN}")),
    ("event_change_ids_check", change("event_change", f"ids = {many(101)}")),
]
WITH = {
    "check_in_gate_list_id_fkey": "name = name WHERE name = 'Spare'",
    "scan_list_id_fkey": "gate_id = NULL",
    "scan_voided_by_id_fkey": "voided_at = now(), void_reason = 'x'",
}
