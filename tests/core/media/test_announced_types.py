"""Announced media types: hints in many spellings."""

import pytest

from core.media.announced_types import normalize_type


@pytest.mark.parametrize(
    ("announced", "usual"),
    [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/PJPEG", "image/jpeg"),
        ("image/x-png", "image/png"),
        ("Text/CSV; charset=utf-8; header=present", "text/csv"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("application/octet-stream", "application/octet-stream"),
        ("", "application/octet-stream"),
        (" ", "application/octet-stream"),
        ("image/heic", "image/heic"),  # some phones announce it for the JPEG that they send
    ],
)
def test_usual_spelling(announced: str, usual: str) -> None:
    assert normalize_type(announced) == usual


@pytest.mark.parametrize(
    "announced", ["png", "/", "image/", "image/png\r\nX: y", "é/é", "x/" + "x" * 99]
)
def test_a_malformed_type_is_no_hint(announced: str) -> None:
    assert normalize_type(announced) == "application/octet-stream"
