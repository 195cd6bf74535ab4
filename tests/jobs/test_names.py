"""Every name that a service defers a job by has a task."""

import ast
import inspect
from collections.abc import Iterator

from procrastinate import App

from core.settings import HOME
from services import jobs

DEFERS = {"jobs.defer", "jobs.defer_each"}


def deferrals() -> Iterator[tuple[str, set[str]]]:
    """Every name that a service defers a job by, with the names of its arguments."""
    for path in (HOME / "services").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in DEFERS:
                name = node.args[1]
                assert isinstance(name, ast.Constant), f"{path.name} defers by a name not written"
                given = {keyword.arg or "**" for keyword in node.keywords}
                yield str(name.value), given - {"at", "queue", "priority"}


def test_every_deferred_name_has_a_task_with_matching_arguments(queue: App) -> None:
    found = list(deferrals())
    assert {name for name, _ in found} == {
        "upload_dispute_files",
        "announce_failed_payment",
        "announce_fraud_case",
        "announce_order",
        "announce_vendor_status",
        "list_moved_category",
        "import_offers",
        "match_recent_offers",
        "match_saved_searches",
        "publish_scheduled_offer",
        "carry_out_date_change",
        "check_asset",
        "apply_payment_event",
        "deliver",
        "deliver_files",
        "deliver_on_site",
        "announce_cancelled_ticket",
        "release_accessible_seats",
        "lapse_transfer",
        "lapse_gift",
        "send_transfer",
        "mail_tickets",
        "mail_guest",
        "read_busy_feed",
        "plan_reminders_again",
        "plan_booking_reminders",
        "settle_no_show",
        "announce_paid_booking",
        "return_booking_surplus",
        "remind_of_booking",
        "text_tickets",
        "refund_resold_ticket",
        "end_resale_hold",
        "serve_booking_waits",
        "tell_booking_wait_lapsed",
        "serve_waitlist",
        "tell_waitlist_lapsed",
        "end_event_date",
        "end_fraud_hold",
        "score_scans",
        "end_hold",
        "end_booking_hold",
        "announce_unanswered_booking",
        "end_impersonation",
        "end_user_suspension",
        "erase_account",
        "expire_admin_change",
        "expire_offer",
        "expire_order",
        "expire_purchase",
        "import_products",
        "index_offers",
        "index_products",
        "issue_credit_notes",
        "issue_invoice",
        "make_export",
        "mark_copy",
        "note_payment_card",
        "notify_followers",
        "notify_of_low_stock",
        "notify_of_message",
        "notify_of_stock",
        "plan_deliveries",
        "register_payout_account",
        "relist_events",
        "remove_export",
        "remove_payment_customer",
        "remove_payment_method",
        "render_invoice",
        "reschedule_deliveries",
        "save_paid_method",
        "send_account_deletion",
        "send_email_change",
        "send_email_changed",
        "send_export",
        "send_impersonation_mail",
        "send_invitation",
        "send_mail_code",
        "send_password_reset",
        "send_phone_code",
        "send_provider_call",
        "send_security_notice",
        "send_verification",
        "size_missing_pictures",
        "size_picture",
        "tidy_asset",
        "tidy_copies",
        "start_payout",
        "tidy_upload",
    }
    for name, given in found:
        task = queue.tasks[f"{jobs.NAMESPACE}:{name}"]
        assert set(inspect.signature(task.func).parameters) == {"context", *given}
