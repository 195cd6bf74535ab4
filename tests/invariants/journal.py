"""The journal and its topics."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'journal with a gap' AS rule, topic AS row FROM journal_entry
    GROUP BY topic HAVING max(seq) - min(seq) + 1 <> count(*)
    UNION ALL
    SELECT 'topic.seq differs from the last entry', topic
    FROM topic FULL JOIN (
        SELECT topic, max(seq) AS last FROM journal_entry GROUP BY topic
    ) AS ends USING (topic)
    WHERE last IS NOT NULL AND topic.seq IS DISTINCT FROM last
    LIMIT 20
    """
)
