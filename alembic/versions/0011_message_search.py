"""Messages are searched without accents, and words with a hyphen by their parts."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PLAIN = (
    r"regexp_replace(regexp_replace(normalize(text, NFKD), '[\u0300-\u036f]', '', 'g'),"
    r" '(?<=\w)-(?=\w)', ' ', 'g')"
)


def upgrade() -> None:
    op.drop_index("message_search_idx")
    op.execute(
        f"CREATE INDEX message_search_idx ON message USING gin (to_tsvector('simple', {PLAIN}))"
    )


def downgrade() -> None:
    op.drop_index("message_search_idx")
    op.execute("CREATE INDEX message_search_idx ON message USING gin (to_tsvector('simple', text))")
