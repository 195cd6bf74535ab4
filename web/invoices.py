"""Invoices as PDF and CSV, and the page by which everybody checks the code of an invoice.

They show addresses, so nothing keeps them, and a browser runs nothing in them.
"""

import hashlib

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import Unavailable, UserMessage
from core.outages import DATABASE_ERRORS
from core.security.codes import read_symbols
from engine.context import AppState
from gateways.storage.base import DownloadOptions, StorageUnreachable
from models.errors import NotFound
from models.invoices.invoices import CODE_LENGTH
from services.i18n import language_of, translate
from services.invoices.content.wording import title_of
from services.invoices.export import read_invoices, write_csv
from services.invoices.links import CHECK_PATH, CSV_PATH, PDF_PATH, InvoiceLink, InvoicesLink
from services.invoices.pdf.figures import DocumentFigures
from services.invoices.reading import (
    ConfirmedInvoice,
    access_rendered,
    find_by_code,
    find_viewer,
)
from web.graphql.content_negotiation import accepted_languages
from web.network_charges import (
    PAGE_COST,
    REQUEST_COST,
    charge_network,
    charge_owner,
    text_error,
)

PDF_COST, CSV_COST = 20, 500  # of a file that is read, and of rows that are read and opened
MAX_PDF_BYTES = 5_000_000
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
CONFIRMED = UserMessage("This document was issued here:")
UNKNOWN = UserMessage("There is no document with this code.")

log = structlog.get_logger(__name__)


def routes(app: AppState) -> list[Route]:
    invoices = Invoices(app)
    return [
        Route(PDF_PATH, invoices.pdf, methods=["GET"]),
        Route(CSV_PATH, invoices.csv, methods=["GET"]),
        Route(f"{CHECK_PATH}/{{code}}", invoices.check, methods=["GET"]),
    ]


class Invoices:
    """Checks the link, the points and the rights of its user, and answers with the file."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def pdf(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            link = InvoiceLink.read(self._app.keys, request.query_params.get("link", ""))
        except NotFound:
            return _invalid()
        if refused := await charge_owner(self._app, link.user_id, PDF_COST):
            return refused
        try:
            return await self._read_pdf(link)
        except NotFound:
            return text_error(404, "There is no such invoice for you.")
        except (*DATABASE_ERRORS, StorageUnreachable):
            return _unavailable()

    async def _read_pdf(self, link: InvoiceLink) -> Response:
        async with self._app.database.session() as session:
            viewer = await find_viewer(session, link.user_id)
            invoice = await access_rendered(session, viewer, link.invoice_id)
        content = await self._app.objects.read(invoice.key, MAX_PDF_BYTES)
        if content is None or hashlib.sha256(content).digest() != invoice.sha256:
            log.error("invoice.file_lost", invoice_id=str(invoice.id), missing=content is None)
            return _unavailable()
        return _file(content, "application/pdf", invoice.file_name)

    async def csv(self, request: Request) -> Response:
        if refused := await charge_network(self._app, request, REQUEST_COST):
            return refused
        try:
            link = InvoicesLink.read(self._app.keys, request.query_params.get("link", ""))
        except NotFound:
            return _invalid()
        if refused := await charge_owner(self._app, link.user_id, CSV_COST):
            return refused
        try:
            async with self._app.database.session() as session:
                viewer = await find_viewer(session, link.user_id)
                found = await read_invoices(session, viewer, link)
        except NotFound:
            return text_error(404, "There are no such invoices for you.")
        except DATABASE_ERRORS:
            return _unavailable()
        content = await to_thread.run_sync(write_csv, found, self._app.sealer)
        return _file(content, "text/csv; charset=utf-8", f"{link.first}-{link.last}.csv")

    async def check(self, request: Request) -> Response:
        """Confirm an invoice to callers who have its code, without its buyer."""
        if refused := await charge_network(self._app, request, PAGE_COST):
            return refused
        locales = accepted_languages(request.headers.get("accept-language", ""))
        code = read_symbols(request.path_params["code"])[:CODE_LENGTH]
        try:
            async with self._app.database.session() as session:
                found = await find_by_code(session, self._app.sealer, code)
        except NotFound:
            return text_error(404, translate(UNKNOWN, locales))
        except DATABASE_ERRORS:
            return _unavailable()
        text = _describe(found, language_of(locales))
        return PlainTextResponse(text, headers=HEADERS | {"Vary": "Accept-Language"})


def _describe(found: ConfirmedInvoice, language: str) -> str:
    """Return what identifies a document: its number, its day, its seller and its total."""
    invoice, seller = found.invoice, found.seller
    figures = DocumentFigures.of(language, seller.country, invoice.currency)
    lines = [
        figures.text(CONFIRMED),
        f"{figures.text(title_of(invoice.kind, seller))} {invoice.number}",
        figures.day(invoice.issued_on),
        seller.company or seller.name,
        figures.money(invoice.total + invoice.platform_discount),
    ]
    return "\n".join(lines) + "\n"


def _file(content: bytes, content_type: str, name: str) -> Response:
    disposition = DownloadOptions(content_type, name, inline=False).disposition
    headers = HEADERS | {"Content-Disposition": disposition}
    return Response(content, headers=headers, media_type=content_type)


def _invalid() -> Response:
    return text_error(403, "The link is invalid or expired. Ask for a new one.")


def _unavailable() -> Response:
    response = text_error(503, "This is not available now. Try again in a moment.")
    response.headers["Retry-After"] = str(Unavailable.seconds)
    return response
