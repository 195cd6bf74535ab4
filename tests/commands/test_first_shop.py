"""docs/first-shop.md, to the letter, on an installation that the operator has just set up."""

from contextlib import ExitStack
from pathlib import Path

from PIL import Image

from core.settings import HOME
from tests.commands.installation import Installation
from tests.commands.walk import (
    CODE,
    PASSWORD,
    Mailbox,
    blocks,
    first_hour,
    needs_programs,
    shell,
    walk,
)

BLOCKS = blocks((HOME / "docs/first-shop.md").read_text())
# Of the output of the commands, one part for each step that ends something.
SHOWN = (
    '"application":{"state":"APPROVED"}',
    '"offer":{"state":"PUBLISHED"}',
    '"product":{"state":"PUBLISHED"',
    '"service":{"state":"ACTIVE"}',
    '"event":{"state":"PUBLISHED"',
    '"payoutAccountState":"ACTIVE"',
    '"invitation":{"email":"ben@corner.example"',
    '"bookingState":"CONFIRMED"',
    '"order":{"state":"CONFIRMED","paymentState":"PAID"}',
    '"outcome":"APPROVED"',
    '"suborder":{"state":"PREPARING"}',
    '"scanOutcome":"ADMITTED"',
    '"refund":{"state":"SETTLED"}',
    '"invoiceKind":"TAX_INVOICE"',
    '"invoiceKind":"CREDIT_NOTE"',
    "/invoices/csv?link=",
    "/events/exports?link=",
)
GIVEN = (
    "HAAT=http://127.0.0.1:8000\n"
    "ADMIN_EMAIL=asha@shop.example ADMIN_PASSWORD='the password of the admin'\n"
)


def operator() -> list[str]:
    """Return the steps of the operator, up to the categories and the rates of taxes."""
    steps = first_hour()
    (last,) = (at for at, block in enumerate(steps) if "haat tax-rates load" in block)
    return steps[: last + 1]


@needs_programs
async def test_the_first_shop(empty: Installation, mailbox: Mailbox, tmp_path: Path) -> None:
    Image.new("RGB", (320, 320), "teal").save(tmp_path / "logo.png")
    assert BLOCKS[0] == GIVEN
    given = f"HAAT={empty.url} ADMIN_EMAIL=asha@shop.example ADMIN_PASSWORD={PASSWORD}"
    with ExitStack() as processes:
        async with shell(empty, HOME) as opened:
            await walk(opened, operator(), empty, mailbox, processes)
            page = [f"cd {tmp_path}", given, *BLOCKS[1:]]
            printed = "".join(await walk(opened, page, empty, mailbox, processes))
    for shown in SHOWN:
        assert shown in printed, printed


def test_the_page_shows_every_step() -> None:
    assert len(BLOCKS) == 32
    assert BLOCKS.count(CODE) == 2
