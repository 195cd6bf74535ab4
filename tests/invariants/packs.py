"""Packs: what is granted, used and earned; and promotional money that ends."""

from sqlalchemy import text

VIOLATIONS = text(
    r"""
    WITH moved AS (
        SELECT debit_id AS account_id, -amount AS amount, source_id FROM ledger_entry
        UNION ALL SELECT credit_id, amount, source_id FROM ledger_entry
    ), deferred AS (
        SELECT currency, sum(amount) AS amount FROM moved
        JOIN ledger_account ON ledger_account.id = account_id
        WHERE kind = 'PACK_DEFERRED' GROUP BY currency
    ), owed AS (
        SELECT currency, sum(net - earned) AS amount FROM pack_grant GROUP BY currency
    ), promo AS (
        SELECT owner_id, currency, sum(remaining) AS amount FROM promo_money
        GROUP BY owner_id, currency
    ), taken AS (
        SELECT promo_money_id, sum(amount - returned) AS amount FROM promo_money_use GROUP BY 1
    )
    SELECT 'pack_grant.used differs from its uses' AS rule, pack_grant.id\:\:text AS row
    FROM pack_grant LEFT JOIN quota_use ON pack_grant_id = pack_grant.id
    GROUP BY pack_grant.id HAVING used <> coalesce(sum(quantity), 0)
    UNION ALL
    SELECT 'deferred money that no grant explains', currency
    FROM deferred FULL JOIN owed USING (currency)
    WHERE coalesce(deferred.amount, 0) <> coalesce(owed.amount, 0)
    UNION ALL
    SELECT 'grant of a purchase that was not paid', pack_grant.id\:\:text
    FROM pack_grant JOIN purchase ON purchase.id = purchase_id
    WHERE state NOT IN ('PAID', 'REFUNDED')
    UNION ALL
    SELECT 'paid pack without its grant', purchase.id\:\:text FROM purchase
    LEFT JOIN pack_grant ON purchase_id = purchase.id
    WHERE kind = 'PACK' AND state = 'PAID' AND pack_grant.id IS NULL
    UNION ALL
    SELECT 'more promotional money that ends than the wallet has', promo.owner_id\:\:text
    FROM promo LEFT JOIN ledger_account AS account
        ON account.kind = 'WALLET_PROMO' AND account.owner_id = promo.owner_id
        AND account.currency = promo.currency
    WHERE promo.amount > coalesce(account.balance, 0)
    UNION ALL
    SELECT 'promotional money that differs from what was taken and is left', id\:\:text
    FROM promo_money LEFT JOIN taken ON promo_money_id = id
    WHERE ended_at IS NULL AND ends_at > now()
        AND promo_money.amount <> remaining + coalesce(taken.amount, 0)
    LIMIT 20
    """
)
