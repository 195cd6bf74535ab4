"""The vocabulary of listed offers: each lexeme of their words, and in how many offers it is."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Connection, Identity, Index, event, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from models.offers.listings import ListedOffer
from models.personal_data import of_others

MAX_TERM_LENGTH = 400  # a word has at most 100 characters, a run without spaces pairs of them
# For a schema that is created from the models.
NOTE_WORDS = """
CREATE OR REPLACE FUNCTION note_words() RETURNS trigger LANGUAGE plpgsql AS $$
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
WORDS_TRIGGER = """
CREATE TRIGGER listing_words AFTER INSERT OR UPDATE OF words OR DELETE ON listing
FOR EACH ROW EXECUTE FUNCTION note_words()
"""
IS_WORD = "loose <> ''"


class Term(SQLModel, table=True):
    """A lexeme, and the number of listed offers that have it, as of a minute ago.

    For words, `latin` is how they are written in the letters a to z, and `loose` their consonants.
    Stems, words with digits and pairs of characters have no `loose`: no typo is corrected to one.
    """

    __table_args__ = (
        CheckConstraint("documents >= 0", name="documents"),
        CheckConstraint(f"char_length(word) BETWEEN 1 AND {MAX_TERM_LENGTH}", name="word"),
        Index(
            "term_word_idx",
            "word",
            postgresql_ops={"word": "text_pattern_ops"},
            postgresql_include=["documents"],
        ),
        Index(
            "term_latin_idx",
            "latin",
            postgresql_using="gin",
            postgresql_ops={"latin": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},  # a search would read what waits
            postgresql_where=text(IS_WORD),
        ),
        Index(
            "term_loose_idx",
            "loose",
            postgresql_ops={"loose": "text_pattern_ops"},
            postgresql_where=text(IS_WORD),
        ),
    )
    __privacy__ = of_others(none="word latin loose documents")

    word: str = Field(primary_key=True)
    latin: str = ""
    loose: str = ""
    documents: int = 0


class TermChange(SQLModel, table=True):
    """The words that an offer in the lists has gained and lost since they were last counted."""

    __tablename__ = "term_delta"
    __privacy__ = of_others(none="removed added")

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    removed: str | None = Field(default=None, sa_column=Column(TSVECTOR))
    added: str | None = Field(default=None, sa_column=Column(TSVECTOR))


@event.listens_for(SQLModel.metadata.tables[ListedOffer.__tablename__], "after_create")
def _create_trigger(_: object, connection: Connection, **__: object) -> None:
    connection.exec_driver_sql(NOTE_WORDS)
    connection.exec_driver_sql(WORDS_TRIGGER)
