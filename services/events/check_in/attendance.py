"""The attendance on check-in lists, counted from what is stored."""

from typing import NamedTuple

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.statement import KEYS, Statement

_KEYS = bindparam(KEYS, type_=ARRAY(Uuid()))


class ListAttendance(NamedTuple):
    """How many tickets a list admits, how many entered, and how many of them are inside."""

    expected: int = 0
    admitted: int = 0
    inside: int = 0
    conflicts: int = 0


class GateAttendance(NamedTuple):
    """The admissions at a gate, and those of the last minute."""

    admitted: int = 0
    last_minute: int = 0


OF_LISTS = Statement(
    text(
        """
        SELECT door.id,
            (
                SELECT count(*) FROM ticket
                JOIN ticket_type AS kind ON kind.id = ticket.ticket_type_id
                WHERE ticket.event_date_id = door.event_date_id AND ticket.state = 'VALID'
                    AND CASE cardinality(door.type_ids)
                        WHEN 0 THEN kind.kind = 'ADMISSION'
                        ELSE kind.id = ANY (door.type_ids)
                    END
            ) AS expected,
            coalesce(entered.admitted, 0) AS admitted,
            coalesce(entered.inside, 0) AS inside,
            (
                SELECT count(*) FROM scan
                WHERE scan.list_id = door.id AND scan.anomaly IS NOT NULL
                    AND scan.voided_at IS NULL
            ) AS conflicts
        FROM check_in_list AS door
        LEFT JOIN (
            SELECT list_id, count(*) FILTER (WHERE entries > 0) AS admitted,
                count(*) FILTER (WHERE inside) AS inside
            FROM ticket_presence WHERE list_id = ANY (:keys) GROUP BY list_id
        ) AS entered ON entered.list_id = door.id
        WHERE door.id = ANY (:keys)
        """
    ).bindparams(_KEYS)
)
OF_GATES = Statement(
    text(
        """
        SELECT gate_id, count(*) AS admitted,
            count(*) FILTER (WHERE received_at > now() - interval '1 minute') AS last_minute
        FROM scan
        WHERE gate_id = ANY (:keys) AND outcome = 'ADMITTED' AND voided_at IS NULL
        GROUP BY gate_id
        """
    ).bindparams(_KEYS)
)
