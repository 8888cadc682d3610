import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import Refused
from store.sniff import FORMS, FileMismatch, FileUnfit, FileUnsafe, Kind, sniff
from tests.store import samples

GOOD = {
    Kind.JPEG: samples.jpeg(),
    Kind.PNG: samples.png(),
    Kind.WEBP: samples.webp(),
    Kind.PDF: samples.pdf(),
    Kind.XLSX: samples.xlsx(),
}


def look(data: bytes, name: str, declared: str = "application/octet-stream") -> Kind:
    return sniff(io.BytesIO(data), name=name, declared=declared)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_known(kind: Kind) -> None:
    form = FORMS[kind]
    for ending in form.endings:
        assert look(GOOD[kind], f"证明.{ending.upper()}", form.media) == kind
        assert look(GOOD[kind], f"../../x.{ending}", "") == kind


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("other", Kind)
def test_name_sender_and_content_must_agree(kind: Kind, other: Kind) -> None:
    if kind == other:
        return
    with pytest.raises(FileMismatch):
        look(GOOD[kind], f"x.{FORMS[other].endings[0]}", FORMS[kind].media)
    with pytest.raises(FileMismatch):
        look(GOOD[kind], f"x.{FORMS[kind].endings[0]}", FORMS[other].media)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"GIF89a" + b"\0" * 40,
        b"MZ" + b"\0" * 200,
        b"\x89PNG\r\n\x1a\n",
        samples.png()[:-4],
        samples.jpeg()[:8],
        samples.webp() + b"more",
        samples.pdf()[:-7],
        samples.xlsx()[:-30],
        b"PK\x03\x04" + b"\0" * 100,
        samples.png(0, 5),
    ],
)
def test_what_is_no_file_of_ours(data: bytes) -> None:
    for ending in ("png", "jpg", "webp", "pdf", "xlsx"):
        with pytest.raises((FileUnfit, FileMismatch)):
            look(data, f"x.{ending}")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (samples.png(20_000, 20_000), "x.png"),
        (samples.jpeg(65_000, 65_000), "x.jpg"),
        (samples.webp(16_000, 16_000), "x.webp"),
        (samples.jpeg() + samples.xlsx(), "x.jpg"),
        (samples.jpeg(more=b"%PDF-1.4 "), "x.jpg"),
        (samples.pdf() + samples.xlsx(), "x.pdf"),
        (samples.pdf(b"/OpenAction<</S/JavaScript/JS(app.alert())>>"), "x.pdf"),
        (samples.pdf(b"/Launch"), "x.pdf"),
        (samples.pdf(b"/A" + b" " * 65_511 + b"/JavaScript"), "x.pdf"),
        (samples.repacked(samples.xlsx(), xl__vbaProject_dot_bin=b"x"), "x.xlsx"),
        (samples.repacked(samples.xlsx(), ___dot__dot___evil=b"x"), "x.xlsx"),
        (samples.repacked(samples.xlsx(), xl__media__a_dot_js=b"x"), "x.xlsx"),
        (samples.repacked(samples.xlsx(), xl__big=b"\0" * 30_000_000), "x.xlsx"),
    ],
    ids=range(13),
)
def test_what_is_not_safe(data: bytes, name: str) -> None:
    with pytest.raises((FileUnsafe, FileUnfit)):
        look(data, name)


def test_a_bomb_of_many_entries() -> None:
    out = io.BytesIO(samples.xlsx())
    with zipfile.ZipFile(out, "a") as box:
        for n in range(2_001):
            box.writestr(f"xl/x{n}", b"")
    with pytest.raises(FileUnsafe):
        look(out.getvalue(), "x.xlsx")


@given(st.sampled_from(Kind), st.data())
@settings(deadline=None)
def test_broken_files_are_refused_or_known_never_a_fault(kind: Kind, data: st.DataObject) -> None:
    good = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 5))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    try:
        look(bytes(good[:cut]), f"x.{FORMS[kind].endings[0]}")
    except Refused:
        return
