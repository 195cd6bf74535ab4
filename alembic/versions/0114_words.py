"""Words of listed offers, their vocabulary, and what it has yet to count.

A job reads the texts of the offers that are listed already, in batches: until then, a search does
not find them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0114"
down_revision = "0113"
branch_labels = None
depends_on = None

IS_WORD = sa.text("loose <> ''")
NOTE_WORDS = """
CREATE FUNCTION note_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO term_delta (removed) VALUES (OLD.words);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO term_delta (added) VALUES (NEW.words);
    ELSIF NEW.words IS DISTINCT FROM OLD.words THEN
        INSERT INTO term_delta (removed, added) VALUES (OLD.words, NEW.words);
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER listing_words AFTER INSERT OR UPDATE OF words OR DELETE ON listing
FOR EACH ROW EXECUTE FUNCTION note_words()
"""


def upgrade() -> None:
    op.create_table(
        "term",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("latin", sa.String(), nullable=False),
        sa.Column("loose", sa.String(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.CheckConstraint("documents >= 0", name=op.f("term_documents_check")),
        sa.CheckConstraint("char_length(word) BETWEEN 1 AND 400", name=op.f("term_word_check")),
        sa.PrimaryKeyConstraint("word", name=op.f("term_pkey")),
    )
    op.create_index(
        "term_word_idx",
        "term",
        ["word"],
        postgresql_ops={"word": "text_pattern_ops"},
        postgresql_include=["documents"],
    )
    op.create_index(
        "term_latin_idx",
        "term",
        ["latin"],
        postgresql_using="gin",
        postgresql_ops={"latin": "gin_trgm_ops"},
        postgresql_where=IS_WORD,
    )
    op.create_index(
        "term_loose_idx",
        "term",
        ["loose"],
        postgresql_ops={"loose": "text_pattern_ops"},
        postgresql_where=IS_WORD,
    )
    op.create_table(
        "term_delta",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("removed", postgresql.TSVECTOR(), nullable=True),
        sa.Column("added", postgresql.TSVECTOR(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("term_delta_pkey")),
    )
    op.create_index("listing_words_idx", "listing", ["words"], postgresql_using="gin")
    op.create_index(
        "listing_wordless_idx",
        "listing",
        ["offer_id"],
        postgresql_where=sa.text("words IS NULL"),
    )
    op.execute(NOTE_WORDS)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER listing_words ON listing")
    op.execute("DROP FUNCTION note_words()")
    op.drop_index("listing_wordless_idx", table_name="listing")
    op.drop_index("listing_words_idx", table_name="listing")
    op.drop_table("term_delta")
    op.drop_table("term")
