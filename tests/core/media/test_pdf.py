"""PDF files: scripts and programs are found however they are written."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Dictionary, Encryption, Name, ObjectStreamMode, String

from core.media.file_types import PDF, FileInfo, UnacceptableFile, UploadRejectionReason
from core.media.inspection import inspect_file
from tests.factories.files import pdf

SCRIPT = b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"


def rejection_reason(file: bytes) -> UploadRejectionReason:
    with pytest.raises(UnacceptableFile) as unfit:
        inspect_file(file)
    return unfit.value.rejection_reason


@pytest.mark.parametrize(
    "catalog",
    [
        SCRIPT,
        b"/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>",
        b"/OpenAction<</S/Launch/F(calc.exe)>>",
        b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Launch/F(calc.exe)>>]>>",
        b"/AA<</WC<</S/Rendition/JS(1)>>>>",
        b"/Names<</JavaScript<</Names[]>>>>",
        b"/AcroForm<</XFA[]>>",
    ],
)
def test_active_content_is_rejected(catalog: bytes) -> None:
    assert rejection_reason(pdf(catalog)) is UploadRejectionReason.ACTIVE_CONTENT


@pytest.mark.parametrize(
    "catalog",
    [b"", b"/OpenAction[3 0 R/Fit]", b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>", b"/X(Use /JS here)"],
)
def test_other_entries_are_accepted(catalog: bytes) -> None:
    assert inspect_file(pdf(catalog)) == FileInfo(PDF)


def test_a_script_in_a_compressed_object_is_found() -> None:
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        document.Root.OpenAction = document.make_indirect(script)
        document.save(file, object_stream_mode=ObjectStreamMode.generate)
    assert b"JavaScript" not in file.getvalue()
    assert rejection_reason(file.getvalue()) is UploadRejectionReason.ACTIVE_CONTENT


@pytest.mark.parametrize(("password", "accepted"), [("", True), ("secret", False)])
def test_a_file_that_needs_a_password_is_rejected(password: str, accepted: bool) -> None:
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.save(file, encryption=Encryption(owner="owner", user=password))
    if accepted:
        assert inspect_file(file.getvalue()) == FileInfo(PDF)
    else:
        assert rejection_reason(file.getvalue()) is UploadRejectionReason.ACTIVE_CONTENT


def test_a_file_without_pages_is_damaged() -> None:
    file = b"%PDF-1.7\nNothing but a text.\n%%EOF\n"
    assert rejection_reason(file) is UploadRejectionReason.DAMAGED
