"""Deleted messages are no longer unread: counters of them, beside those of all messages.

The messages that were deleted before are taken out of all counters. Conversations with some are
locked first, as sending and reading lock them. Servers of the previous release go on counting what
they delete during the migration. A position that such a server moves past a deleted message is
corrected by the next one that the user reads.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DELETED = ("user_deleted", "vendor_deleted")
CHECKS = {"conversation": "last_sequence", "participant": "read"}
FALSE = sa.text("false")

DISCOUNT = (
    """
    SELECT FROM conversation WHERE id IN (
        SELECT conversation_id FROM message WHERE deleted_at IS NOT NULL
    ) ORDER BY id FOR NO KEY UPDATE
    """,
    "UPDATE message SET discounted = true WHERE deleted_at IS NOT NULL",
    """
    UPDATE conversation SET user_deleted = counted.users, vendor_deleted = counted.vendors
    FROM (
        SELECT conversation_id, count(*) FILTER (WHERE side = 'USER') AS users,
            count(*) FILTER (WHERE side = 'VENDOR') AS vendors
        FROM message WHERE discounted GROUP BY conversation_id
    ) AS counted WHERE id = conversation_id
    """,
    """
    UPDATE participant SET user_deleted = counted.users, vendor_deleted = counted.vendors
    FROM (
        SELECT participant.conversation_id, user_id,
            count(*) FILTER (WHERE side = 'USER') AS users,
            count(*) FILTER (WHERE side = 'VENDOR') AS vendors
        FROM participant JOIN message ON message.conversation_id = participant.conversation_id
        WHERE discounted AND sequence <= read GROUP BY 1, 2
    ) AS counted
    WHERE participant.conversation_id = counted.conversation_id
        AND participant.user_id = counted.user_id
    """,
    """
    UPDATE inbox_reader SET read = inbox_reader.read - counted.deleted
    FROM (
        SELECT CASE WHEN participant.user_id = conversation.user_id THEN conversation.user_id
                ELSE vendor_id END AS owner_id,
            participant.user_id,
            sum(CASE WHEN participant.user_id = conversation.user_id
                THEN participant.vendor_deleted ELSE participant.user_deleted END) AS deleted
        FROM participant JOIN conversation ON conversation.id = conversation_id
        WHERE participant.user_deleted + participant.vendor_deleted > 0 GROUP BY 1, 2
    ) AS counted
    WHERE inbox_reader.owner_id = counted.owner_id AND inbox_reader.user_id = counted.user_id
    """,
    """
    UPDATE inbox SET received = received - counted.deleted
    FROM (
        SELECT owner_id, sum(deleted) AS deleted FROM (
            SELECT user_id AS owner_id, vendor_deleted AS deleted FROM conversation
            UNION ALL SELECT vendor_id, user_deleted FROM conversation
        ) AS sides WHERE deleted > 0 GROUP BY owner_id
    ) AS counted WHERE inbox.owner_id = counted.owner_id
    """,
)
# The previous release counts deleted messages again.
COUNT_AGAIN = (
    """
    SELECT FROM conversation WHERE user_deleted + vendor_deleted > 0
    ORDER BY id FOR NO KEY UPDATE
    """,
    DISCOUNT[4].replace("- counted.deleted", "+ counted.deleted"),
    DISCOUNT[5].replace("- counted.deleted", "+ counted.deleted"),
)


def upgrade() -> None:
    op.add_column(
        "message", sa.Column("discounted", sa.Boolean(), server_default=FALSE, nullable=False)
    )
    op.create_check_constraint(
        op.f("message_discounted_check"), "message", "deleted_at IS NOT NULL OR NOT discounted"
    )
    for table, all_messages in CHECKS.items():
        for name in DELETED:
            column = sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            op.add_column(table, column)
        op.create_check_constraint(
            op.f(f"{table}_withdrawn_check"),
            table,
            "user_deleted BETWEEN 0 AND user_messages AND"
            f" vendor_deleted BETWEEN 0 AND {all_messages} - user_messages - notices",
        )
    for statement in DISCOUNT:
        op.execute(statement)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an index cannot wait for deferred ones
    op.create_index(
        "message_discounted_idx",
        "message",
        ["conversation_id", "sequence"],
        postgresql_where=sa.text("discounted"),
    )


def downgrade() -> None:
    for statement in COUNT_AGAIN:
        op.execute(statement)
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.drop_index("message_discounted_idx", "message")
    op.drop_column("message", "discounted")
    for table in CHECKS:
        for name in DELETED:
            op.drop_column(table, name)
