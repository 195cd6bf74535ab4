"""Invoices as PDF, and the page by which everybody checks the code of an invoice."""

import hashlib

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import UserMessage
from core.outages import DATABASE_ERRORS
from core.security.codes import read_symbols
from engine.context import AppState
from models.errors import NotFound
from models.invoices.invoices import CODE_LENGTH
from services.i18n import language_of, translate
from services.invoices.content.wording import title_of
from services.invoices.links import CHECK_PATH, PDF_PATH, InvoiceLink
from services.invoices.pdf.figures import DocumentFigures
from services.invoices.reading import (
    ConfirmedInvoice,
    access_rendered,
    find_by_code,
)
from services.links import find_viewer
from web.files.signed_files import PRIVATE_HEADERS, answer_link, private_file, unavailable
from web.graphql.content_negotiation import accepted_languages
from web.middleware.network_charges import PAGE_COST, charge_network, text_error

PDF_COST = 20  # of a file that is read
MAX_PDF_BYTES = 5_000_000
CONFIRMED = UserMessage("This document was issued here:")
UNKNOWN = UserMessage("There is no document with this code.")

log = structlog.get_logger(__name__)


def routes(app: AppState) -> list[Route]:
    invoices = Invoices(app)
    return [
        Route(PDF_PATH, invoices.pdf, methods=["GET"]),
        Route(f"{CHECK_PATH}/{{code}}", invoices.check, methods=["GET"]),
    ]


class Invoices:
    """Answers links to invoices, and codes of them."""

    def __init__(self, app: AppState) -> None:
        self._app = app

    async def pdf(self, request: Request) -> Response:
        return await answer_link(
            self._app,
            request,
            InvoiceLink.read,
            self._read_pdf,
            cost=PDF_COST,
            missing="There is no such invoice for you.",
        )

    async def _read_pdf(self, link: InvoiceLink) -> Response:
        async with self._app.database.session() as session:
            viewer = await find_viewer(session, link.user_id)
            invoice = await access_rendered(session, viewer, link.invoice_id)
        content = await self._app.objects.read(invoice.key, MAX_PDF_BYTES)
        if content is None or hashlib.sha256(content).digest() != invoice.sha256:
            log.error("invoice.file_lost", invoice_id=str(invoice.id), missing=content is None)
            return unavailable()
        return private_file(content, "application/pdf", invoice.file_name)

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
            return unavailable()
        text = _describe(found, language_of(locales))
        return PlainTextResponse(text, headers=PRIVATE_HEADERS | {"Vary": "Accept-Language"})


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
