"""Statements as PDF, for people. The same statement gives the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from babel.dates import format_date, format_time
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from core.errors import UserMessage
from core.money import decimal
from core.text.typesetting import BOLD, REGULAR, draw, draw_right, fit
from models.ledger.account_statements import AccountStatement, StatementLine
from services.i18n import language_of, translate
from services.ledger.account_statements.wording import ACCOUNTS, TITLES, describe

MARGIN = 18 * mm
WIDTH, HEIGHT = A4
RIGHT = WIDTH - MARGIN
LINE = 14  # distance of base lines
SIZE, TITLE_SIZE, SMALL_SIZE = 9, 16, 8
# The left ends of the columns of texts, and the right ends of those of numbers.
DATE_X, TEXT_X, ORDER_X = MARGIN, MARGIN + 34 * mm, MARGIN + 98 * mm
CHANGE_X = RIGHT - 30 * mm
TEXT_COLUMNS = (
    (UserMessage("Date"), DATE_X),
    (UserMessage("Description"), TEXT_X),
    (UserMessage("Order"), ORDER_X),
)
NUMBER_COLUMNS = ((UserMessage("Amount"), CHANGE_X), (UserMessage("Balance"), RIGHT))


@dataclass
class _Sheet:
    """A canvas with the place of the next line."""

    canvas: Canvas
    statement: AccountStatement
    locale: str
    y: float = HEIGHT - MARGIN

    def text(self, message: UserMessage) -> str:
        return translate(message, [self.locale])

    def money(self, amount: int) -> str:
        return decimal(amount, self.statement.currency)

    def number(self, amount: int, x: float, weight: int = REGULAR) -> None:
        draw_right(self.canvas, self.money(amount), x, self.y, SIZE, weight)

    def down(self, lines: float = 1) -> bool:
        """Go down, and return whether a new page begins."""
        self.y -= lines * LINE
        if self.y > MARGIN:
            return False
        self.canvas.showPage()
        self.canvas.setLineWidth(0.5)
        self.y = HEIGHT - MARGIN
        return True


def make_pdf(
    statement: AccountStatement, lines: Sequence[StatementLine], *, name: str, locale: str
) -> bytes:
    """Return a statement of a vendor or a user. Movements between its accounts are left out."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setLineWidth(0.5)
    sheet = _Sheet(canvas, statement, language_of([locale]))
    canvas.setTitle(sheet.text(TITLES[statement.of.kind]))
    _draw_head(sheet, name)
    _draw_columns(sheet)
    _draw_balance(sheet, UserMessage("Opening balance"), statement.opening)
    balance = statement.opening
    for line in lines:
        if line.change:
            balance += line.change
            _draw_line(sheet, line, balance)
    _draw_balance(sheet, UserMessage("Closing balance"), statement.closing)
    canvas.save()
    return buffer.getvalue()


def _draw_head(sheet: _Sheet, name: str) -> None:
    of, canvas = sheet.statement.of, sheet.canvas
    sheet.y -= TITLE_SIZE
    draw(canvas, sheet.text(TITLES[of.kind]), MARGIN, sheet.y, TITLE_SIZE, BOLD)
    draw_right(canvas, of.currency, RIGHT, sheet.y, TITLE_SIZE, BOLD)
    sheet.down(1.6)
    draw(canvas, fit(name, SIZE + 1, RIGHT - MARGIN, BOLD), MARGIN, sheet.y, SIZE + 1, BOLD)
    sheet.down()
    first, last = (
        format_date(day, "long", sheet.locale) for day in (of.period.first, of.period.last)
    )
    days = sheet.text(UserMessage("From {first} to {last}", first=first, last=last))
    draw(canvas, f"{days} ({of.time_zone})", MARGIN, sheet.y, SIZE)
    sheet.down(2)
    for part in sheet.statement.parts:
        draw(canvas, sheet.text(ACCOUNTS[part.kind]), MARGIN, sheet.y, SIZE)
        sheet.number(part.opening, CHANGE_X)
        sheet.number(part.closing, RIGHT)
        sheet.down()
    sheet.down()


def _draw_columns(sheet: _Sheet) -> None:
    canvas = sheet.canvas
    for title, x in TEXT_COLUMNS:
        draw(canvas, sheet.text(title), x, sheet.y, SMALL_SIZE)
    for title, x in NUMBER_COLUMNS:
        draw_right(canvas, sheet.text(title), x, sheet.y, SMALL_SIZE)
    canvas.line(MARGIN, sheet.y - 4, RIGHT, sheet.y - 4)
    sheet.down(1.2)


def _draw_balance(sheet: _Sheet, title: UserMessage, amount: int) -> None:
    draw(sheet.canvas, sheet.text(title), TEXT_X, sheet.y, SIZE, BOLD)
    sheet.number(amount, RIGHT, BOLD)
    if sheet.down():
        _draw_columns(sheet)


def _draw_line(sheet: _Sheet, line: StatementLine, balance: int) -> None:
    canvas = sheet.canvas
    # The month is a word: 11/12/26 is another day for half of the readers of English.
    day = format_date(line.at, "medium", sheet.locale)
    time = f"{day}, {format_time(line.at, 'short', line.at.tzinfo, sheet.locale)}"
    text = sheet.text(describe(sheet.statement.of.kind, line))
    draw(canvas, fit(time, SMALL_SIZE, TEXT_X - DATE_X - 4), DATE_X, sheet.y, SMALL_SIZE)
    draw(canvas, fit(text, SIZE, ORDER_X - TEXT_X - 4), TEXT_X, sheet.y, SIZE)
    draw(canvas, line.number or "", ORDER_X, sheet.y, SMALL_SIZE)
    sheet.number(line.change, CHANGE_X)
    sheet.number(balance, RIGHT)
    if sheet.down():
        _draw_columns(sheet)
