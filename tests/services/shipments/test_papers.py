"""Labels and packing slips: pages, what they show, and texts that are too long."""

from dataclasses import replace
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from services.shipments.papers import PaperLine, ParcelPaper, make_label, make_packing_slip

PAPER = ParcelPaper(
    locale="en",
    sender=["Blue Pottery", "12 MG Road", "560001 Bengaluru"],
    recipient=["श्रीमती क्षितिजा Rao", "8 Park Street", "Kolkata 700016"],
    phone="+91 98450 12345",
    instructions="Leave it with the neighbour",
    order_number="7QX4M2K9",
    date="29 November 2026",
    number=1,
    parcels=2,
    carrier="Speed Post",
    tracking_number="EE123456789IN",
    lines=[PaperLine(2, "Blue mug", "Size: L · MUG-L")],
)


def page(pdf: bytes, number: int = 0) -> Image.Image:
    picture: Image.Image = pypdfium2.PdfDocument(pdf)[number].render(scale=3).to_pil()
    return picture


def pages(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


def test_a_label_is_a_page_of_a6_with_the_number_as_bars() -> None:
    label = make_label(PAPER)
    assert pages(label) == 1
    assert [code.text for code in zxingcpp.read_barcodes(page(label))] == ["EE123456789IN"]
    with pikepdf.open(BytesIO(label)) as document:
        width, height = document.pages[0].mediabox[2:]
    assert (round(float(width)), round(float(height))) == (298, 420)


@pytest.mark.parametrize("number", [None, "№ 12", "1" * 60])
def test_a_label_without_a_number_for_bars_has_none(number: str | None) -> None:
    label = make_label(replace(PAPER, tracking_number=number))
    assert zxingcpp.read_barcodes(page(label)) == []


def test_long_texts_stay_on_the_paper() -> None:
    long = "Unbreakable" * 30
    paper = replace(
        PAPER,
        sender=[long] * 5,
        recipient=[long] * 7,
        instructions=long,
        carrier=long,
        lines=[PaperLine(999_999, long, long)],
    )
    for pdf in (make_label(paper), make_packing_slip(paper)):
        picture = page(pdf).convert("L")
        edge = picture.crop((picture.width - 12, 0, picture.width, picture.height))
        assert edge.getextrema() == (255, 255)
    codes = zxingcpp.read_barcodes(page(make_label(paper)))
    assert [code.text for code in codes] == ["EE123456789IN"]


@pytest.mark.parametrize(("lines", "count"), [(0, 1), (1, 1), (100, 5)])
def test_a_slip_has_as_many_pages_as_its_articles_need(lines: int, count: int) -> None:
    slip = make_packing_slip(replace(PAPER, lines=[*PAPER.lines] * lines))
    assert pages(slip) == count


def test_papers_are_in_the_language_of_the_vendor() -> None:
    assert make_packing_slip(PAPER) != make_packing_slip(replace(PAPER, locale="de"))
    assert replace(PAPER, locale="de").parcel == "Paket 1 von 2"
    assert replace(PAPER, locale="hi").order == "ऑर्डर 7QX4M2K9"


def test_a_paper_is_made_alike_twice() -> None:
    assert make_label(PAPER) == make_label(PAPER)
    assert make_packing_slip(PAPER) == make_packing_slip(PAPER)
