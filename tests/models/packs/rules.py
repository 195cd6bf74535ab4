"""The database constraints on packs and subscriptions, with SQL that violates each of them."""

from tests.models.sql import change, copy

PACK, PRICE, GRANT = "pack", "pack_price", "pack_grant"
SUBSCRIPTION, PERIOD, USE = "pack_subscription", "pack_period", "quota_use"
# A trigger refuses every UPDATE of this table.
COPIED = {USE: {"subject_id": "00000000-0000-0000-0000-000000000001"}}
WITH = {"pack_subscription_next_pack_id_fkey": "next_net = 1, next_tax_bps = 0"}
ANOTHER = {"unit": "MESSAGE"}
LATER = {"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-02-01T00:00:00Z"}


def used(**values: object) -> str:
    return copy(USE, **COPIED[USE] | values)


RULES = [
    ("pack_quota_check", change(PACK, "quota = 0")),
    ("pack_quota_check", change(PACK, "quota = 1000001")),
    ("pack_period_days_check", change(PACK, "period_days = 13")),
    ("pack_period_days_check", change(PACK, "period_days = 367")),
    ("pack_title_check", change(PACK, "title = '[]'")),
    ("pack_packstate_check", change(PACK, "state = 'SOLD'")),
    ("pack_price_pack_id_currency_key", copy(PRICE)),
    ("pack_price_currency_check", change(PRICE, "currency = 'eur'")),
    ("pack_price_net_check", change(PRICE, "net = 0")),
    ("pack_price_net_check", change(PRICE, f"net = {10**12 + 1}")),
    ("pack_price_tax_bps_check", change(PRICE, "tax_bps = 10001")),
    ("pack_grant_granted_check", change(GRANT, "granted = 0, used = 0")),
    ("pack_grant_used_check", change(GRANT, "used = 6")),
    ("pack_grant_used_check", change(GRANT, "used = -1")),
    ("pack_grant_earned_check", change(GRANT, "earned = 101")),
    ("pack_grant_ended_at_check", change(GRANT, "ended_at = now()")),
    ("pack_grant_ends_at_check", change(GRANT, "ends_at = starts_at")),
    ("pack_grant_purchase_id_key", copy(GRANT)),
    ("quota_use_quantity_check", used(quantity=0)),
    ("quota_use_pack_grant_id_subject_id_key", copy(USE)),
    ("pack_subscription_net_check", change(SUBSCRIPTION, "net = 0")),
    ("pack_subscription_tax_bps_check", change(SUBSCRIPTION, "tax_bps = -1")),
    ("pack_subscription_next_pack_id_check", change(SUBSCRIPTION, "next_net = 1")),
    ("pack_subscription_period_days_check", change(SUBSCRIPTION, "period_days = 0")),
    ("pack_subscription_failures_check", change(SUBSCRIPTION, "failures = 6")),
    ("pack_subscription_ended_at_check", change(SUBSCRIPTION, "ended_at = now()")),
    ("pack_subscription_ended_at_check", change(SUBSCRIPTION, "state = 'CANCELLED'")),
    ("pack_subscription_retry_at_check", change(SUBSCRIPTION, "retry_at = now()")),
    ("pack_subscription_method_id_check", change(SUBSCRIPTION, "method_id = NULL")),
    ("pack_subscription_method_id_check", change(SUBSCRIPTION, "provider = 'WALLET'")),
    ("pack_subscription_packsubscriptionstate_check", change(SUBSCRIPTION, "state = 'LATE'")),
    ("pack_subscription_open_key", copy(SUBSCRIPTION)),
    ("pack_period_ends_at_check", change(PERIOD, "ends_at = starts_at")),
    ("pack_period_credit_check", change(PERIOD, "credit = 1")),
    ("pack_period_credit_check", change(PERIOD, "kind = 'UPGRADE', credit = -1")),
    ("pack_period_credit_check", change(PERIOD, "kind = 'UPGRADE', credit = 100")),
    ("pack_period_tax_bps_check", change(PERIOD, "tax_bps = 10001")),
    ("pack_period_periodkind_check", change(PERIOD, "kind = 'TRIAL'")),
    (
        "pack_period_pack_subscription_id_starts_at_key",
        copy(PERIOD, purchase_id="00000000-0000-0000-0000-000000000001"),
    ),
    ("pack_period_purchase_id_key", copy(PERIOD, **LATER)),
]
PASSING = [
    copy(SUBSCRIPTION, **ANOTHER),
    change(SUBSCRIPTION, "state = 'CANCELLED', ended_at = now()") + ";" + copy(SUBSCRIPTION),
    change(SUBSCRIPTION, "state = 'PAST_DUE', retry_at = now(), failures = 5"),
    change(GRANT, "earned = net, ended_at = now()"),
    change(PERIOD, "kind = 'UPGRADE', credit = 99"),
    used(),
]
