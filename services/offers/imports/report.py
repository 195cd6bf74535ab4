"""The results of an import as a CSV file, behind a link that names its user."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from core.csv_files import CsvFile, Row
from core.database import OpenSession
from core.security.signing_keys import SigningKeys
from models.offers.imports import OfferImportRow
from services.links import LinkPurpose, SignedLink, find_viewer, read_link, sign_link
from services.offers.imports.imports import access_import

PATH = "/offers/imports"
LINK_SECONDS = 300
BATCH_SIZE = 1_000
COLUMNS = ("row", "id", "result", "column", "code", "explanation")


@dataclass(frozen=True)
class ReportLink:
    """The results of an import, for one user. The right is checked again for each request."""

    import_id: UUID
    user_id: UUID

    def sign(self, keys: SigningKeys) -> SignedLink:
        claims = {"import": self.import_id.hex, "user": self.user_id.hex}
        return sign_link(keys, LinkPurpose.OFFER_IMPORT, claims, LINK_SECONDS)

    @classmethod
    def read(cls, keys: SigningKeys, link: str) -> "ReportLink":
        """Return what a link is for. Raises `NotFound` unless we signed it, for now."""
        claims = read_link(keys, LinkPurpose.OFFER_IMPORT, link)
        return cls(UUID(hex=claims["import"]), UUID(hex=claims["user"]))


async def open_report(open_session: OpenSession, link: ReportLink) -> CsvFile:
    """Return the file of a link. Raises `NotFound` for a user who has no right to it any more."""
    async with open_session() as session:
        await access_import(session, await find_viewer(session, link.user_id), link.import_id)
    return CsvFile("offers.csv", COLUMNS, _read_batches(open_session, link.import_id))


async def _read_batches(open_session: OpenSession, import_id: UUID) -> AsyncIterator[Iterable[Row]]:
    last, more = 0, True
    while more:
        rows = select(OfferImportRow).where(
            OfferImportRow.import_id == import_id, OfferImportRow.number > last
        )
        async with open_session() as session:
            batch = rows.order_by(col(OfferImportRow.number)).limit(BATCH_SIZE)
            found = (await session.exec(batch)).all()
        more = len(found) == BATCH_SIZE
        if found:
            last = found[-1].number
            yield [_line(one) for one in found]


def _line(row: OfferImportRow) -> Row:
    return (
        row.number,
        row.external_id or "",
        row.outcome,
        (row.column_name or "").lower(),
        row.code or "",
        row.message or "",
    )
