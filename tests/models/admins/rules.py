"""The database constraints on suspensions of users and changes of admins."""

from tests.models.sql import change, copy

CONFIRMED = "state = 'CONFIRMED', ended_at = now()"
OTHER = "00000000-0000-0000-0000-000000000001"
SHORT = "ends_at = created_at, idle_until = created_at"
RULES = [
    ("user_userstate_check", change("user", "state = 'GONE'")),
    ("user_suspension_number_check", change("user_suspension", "number = 0")),
    ("user_suspension_reason_check", change("user_suspension", "reason = ''")),
    ("user_suspension_until_check", change("user_suspension", "until = created_at")),
    ("user_suspension_self_check", change("user_suspension", "admin_id = user_id")),
    ("user_suspension_restorer_check", change("user_suspension", "restorer_id = admin_id")),
    ("user_suspension_ended_check", change("user_suspension", "ended_at = now()")),
    ("user_suspension_open_key", copy("user_suspension", number=2)),
    (
        "user_suspension_user_id_number_key",
        "DROP INDEX user_suspension_open_key;" + copy("user_suspension"),
    ),
    ("admin_change_adminact_check", change("admin_change", "act = 'KEEP'")),
    ("admin_change_requester_check", change("admin_change", "requester_id = user_id")),
    (
        "admin_change_decider_check",
        change("admin_change", "state = 'WITHDRAWN', ended_at = now(), decider_id = user_id"),
    ),
    (
        "admin_change_second_admin_check",
        change("admin_change", f"{CONFIRMED}, decider_id = requester_id"),
    ),
    ("admin_change_decided_check", change("admin_change", CONFIRMED)),
    ("admin_change_ended_at_check", change("admin_change", "state = 'EXPIRED'")),
    (
        "admin_change_in_time_check",
        change(
            "admin_change",
            "state = 'CONFIRMED', decider_id = gen_random_uuid(),"
            " ended_at = expires_at + interval '1 s'",
        ),
    ),
    ("impersonation_admin_id_check", change("impersonation", "admin_id = user_id")),
    ("impersonation_until_check", change("impersonation", "until = created_at")),
    ("impersonation_until_check", change("impersonation", "until = created_at + '31 min'")),
    ("impersonation_ended_at_check", change("impersonation", "ended_at = until + '1 s'")),
    ("impersonation_reason_check", change("impersonation", "reason = ''")),
    ("impersonation_open_key", copy("impersonation", session_id=OTHER)),
    (
        "impersonation_session_id_key",
        "DROP INDEX impersonation_open_key;" + copy("impersonation"),
    ),
    (
        "user_session_impersonator_check",
        change("user_session", f"impersonator_id = user_id, {SHORT}"),
    ),
    (
        "user_session_impersonation_check",
        change("user_session", "impersonator_id = gen_random_uuid()"),
    ),
    ("admin_change_open_key", copy("admin_change")),
    (
        "admin_change_adminchangestate_check",
        "ALTER TABLE admin_change DROP CONSTRAINT admin_change_ended_at_check;"
        + change("admin_change", "state = 'LOST'"),
    ),
]
# Columns to change with a foreign key, so that no other constraint fails first.
WITH = {
    "user_suspension_restorer_id_fkey": "ended_at = now()",
    "admin_change_decider_id_fkey": CONFIRMED,
    "user_session_impersonator_id_fkey": SHORT,
}
