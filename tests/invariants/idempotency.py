"""Idempotency keys."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'idempotency key without a result' AS rule, key AS row
    FROM idempotency_key WHERE result IS NULL
    LIMIT 20
    """
)
