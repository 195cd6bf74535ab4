"""Gaps in the numbers of a scanner: scans that it has made and not sent."""

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.statement import KEYS, Statement

MAX_NUMBERS = 1_000  # the newest of a scanner, of tickets and vouchers together

# The newest of both are among the newest of each, which indexes return in order.
MISSING = Statement(
    text(
        """
        SELECT scanner.id, max(known.seq) - min(known.seq) + 1 - count(*) AS missing
        FROM unnest(:keys) AS scanner(id), LATERAL (
            SELECT seq FROM (
                (SELECT seq FROM scan WHERE scan.scanner_id = scanner.id
                    ORDER BY seq DESC LIMIT :size)
                UNION
                (SELECT seq FROM redemption
                    WHERE redemption.scanner_id = scanner.id AND seq IS NOT NULL
                    ORDER BY seq DESC LIMIT :size)
            ) AS numbers ORDER BY seq DESC LIMIT :size
        ) AS known
        GROUP BY scanner.id
        """
    ).bindparams(bindparam(KEYS, type_=ARRAY(Uuid())), size=MAX_NUMBERS)
)
