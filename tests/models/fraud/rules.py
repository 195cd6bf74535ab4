"""The database constraints on fraud, with SQL that violates each of them."""

from tests.models.sql import change, copy

SETTINGS = "fraud_settings"
UNDER_REVIEW = "state = 'UNDER_REVIEW', decision = NULL, decided_at = NULL, decided_by_id = NULL"

RULES = [
    ("fraud_settings_vendor_id_version_key", copy(SETTINGS)),
    ("fraud_settings_fraudmode_check", copy(SETTINGS, version=2, mode="OFF")),
    ("fraud_settings_ontimeout_check", copy(SETTINGS, version=2, on_timeout="NEVER")),
    ("fraud_settings_rotationmode_check", copy(SETTINGS, version=2, rotation="MAYBE")),
    ("fraud_settings_version_check", copy(SETTINGS, version=0)),
    ("fraud_settings_thresholds_check", copy(SETTINGS, version=2, hold_from=0)),
    ("fraud_settings_thresholds_check", copy(SETTINGS, version=2, block_above=29)),
    ("fraud_settings_approve_below_check", copy(SETTINGS, version=2, approve_below=102)),
    ("fraud_settings_hold_minutes_check", copy(SETTINGS, version=2, hold_minutes=0)),
    ("fraud_settings_review_hours_check", copy(SETTINGS, version=2, review_hours=169)),
    ("redemption_factor_redemption_id_factor_key", copy("redemption_factor")),
    ("redemption_factor_points_check", change("redemption_factor", "points = 0")),
    ("fraud_case_redemption_id_key", copy("fraud_case")),
    ("fraud_case_casestate_check", change("fraud_case", "state = 'LOST'")),
    ("fraud_case_casedecision_check", change("fraud_case", "decision = 'LOST'")),
    ("fraud_case_caseeffect_check", change("fraud_case", "effect = 'LOST', hold_ends_at = now()")),
    ("fraud_case_score_check", change("fraud_case", "score = 101")),
    ("fraud_case_lease_check", change("fraud_case", UNDER_REVIEW)),
    ("fraud_case_lease_check", change("fraud_case", f"{UNDER_REVIEW}, lease_until = now()")),
    ("fraud_case_decision_check", change("fraud_case", "decision = NULL")),
    ("fraud_case_decision_check", change("fraud_case", "decided_by_id = NULL")),
    ("fraud_case_effect_check", change("fraud_case", "effect = 'TIMED_OUT'")),
    ("fraud_case_effect_check", change("fraud_case", "effect = NULL, hold_ends_at = now()")),
    (
        "fraud_case_sampled_check",
        change("fraud_case", "sampled = true, effect = 'TIMED_OUT', hold_ends_at = now()"),
    ),
    ("fraud_case_note_text_check", change("fraud_case_note", "text = ''")),
    ("case_label_case_id_factor_key", copy("case_label")),
    ("identity_link_linkkind_check", change("identity_link", "kind = 'FACE'")),
    ("identity_link_hash_check", change("identity_link", "hash = ''")),
    (
        "identity_link_times_check",
        change("identity_link", "last_at = first_at - interval '1 second'"),
    ),
]
COPIED = {SETTINGS: {"version": 2}}
