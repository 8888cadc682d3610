"""Files that are no ledgers: one clear line, in little time and memory, and nothing else."""

# ruff: noqa: E501 - a sheet's own words are read in one line

import os
import struct
import subprocess
import sys
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.ledger import LedgerUnreadable, read
from tests.store.ledger.specimens import opendocument, sheet_xml
from tests.store.ledger.test_sample import SAMPLE

HEADER = "".join(
    f'<c r="{letter}1" t="inlineStr"><is><t>{word}</t></is></c>'
    for letter, word in zip("ABCD", ("仪器名称", "型号", "管理单位", "原值（万元）"), strict=True)
)
GOOD = (
    '<row r="2"><c r="A2" t="inlineStr"><is><t>天平</t></is></c>'
    '<c r="C2" t="inlineStr"><is><t>甲研究所</t></is></c><c r="D2"><v>25</v></c></row>'
)


def code(path: Path) -> str:
    with pytest.raises(LedgerUnreadable) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    return refused.value.code


def made(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_what_is_no_file(tmp_path: Path) -> None:
    assert code(tmp_path / "none.xlsx") == "missing"
    assert code(tmp_path) == "folder"
    assert code(made(tmp_path / "a.xlsx", b"")) == "empty"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    path = made(tmp_path / "a.xlsx", SAMPLE.read_bytes())
    path.chmod(0)
    assert code(path) == "forbidden"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "foreign"),
        (b"%PDF-1.7\n%\xe2\xe3", "foreign"),
        (b"\0\1\2\3" * 200, "foreign"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "page"),
        (b"<?xml version='1.0'?><Workbook/>", "page"),
        (b"\xff\xff\xfe,\x80\x81\xff\n" * 20, "letters"),
        ("今天天气很好\n明天也是".encode(), "headless"),
        (b"a,b,c\n1,2,3\n", "headless"),
        ("仪器名称,型号,管理单位\n".encode(), "nothing"),
        ("仪器名称,型号,管理单位\n合计,,\n".encode("gb18030"), "nothing"),
        (b"PK\3\4" + b"nothing like a zip", "cut"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cut"),
    ],
)
def test_other_files(tmp_path: Path, data: bytes, why: str) -> None:
    assert code(made(tmp_path / "a.xlsx", data)) == why


def test_an_encrypted_workbook(tmp_path: Path) -> None:
    data = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )
    assert code(made(tmp_path / "a.xlsx", data)) == "encrypted"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_workbook_cut_short(tmp_path: Path, share: float) -> None:
    whole = SAMPLE.read_bytes()
    assert code(made(tmp_path / "a.xlsx", whole[: int(len(whole) * share)])) == "cut"


def test_a_damaged_workbook(tmp_path: Path) -> None:
    data = bytearray(SAMPLE.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 40] = b"\x55" * 40
    assert code(made(tmp_path / "a.xlsx", bytes(data))) == "cut"


def test_a_million_empty_rows_below_a_ledger(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{at}" s="1" customFormat="1"/>' for at in range(3, 1_000_000))
    path = sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{HEADER}</row>{GOOD}{empty}')
    assert code(path) == "hollow"


def test_a_million_formatted_empty_cells(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{at}"><c r="A{at}" s="1"/></row>' for at in range(3, 1_000_000))
    path = sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{HEADER}</row>{GOOD}{empty}')
    assert code(path) == "hollow"


def test_a_value_in_the_last_corner(tmp_path: Path) -> None:
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{HEADER}</row>{GOOD}{corner}')
    assert code(path) in {"hollow", "wide"}


def test_sixteen_thousand_columns(tmp_path: Path) -> None:
    wide = '<row r="3"><c r="XFD3"><v>1</v></c></row>'
    assert code(sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{HEADER}</row>{GOOD}{wide}')) == "wide"


def test_the_same_in_an_opendocument_sheet(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="float" office:value="1"/>'
    tall = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    gap = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    wide = (
        '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
        f"{cell}</table:table-row>"
    )
    assert code(opendocument(tmp_path / "a.ods", tall)) in {"hollow", "large"}
    assert code(
        opendocument(tmp_path / "b.ods", gap + f"<table:table-row>{cell}</table:table-row>")
    ) in {"hollow", "large"}
    assert code(opendocument(tmp_path / "c.ods", wide)) == "wide"


def test_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        with packed.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * (1 << 20))
        packed.writestr("xl/workbook.xml", "<workbook/>")
    assert code(path) == "large"


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(b" " * (64 << 20)) + packed.flush()
    name = b"xl/sharedStrings.xml"
    shape = (20, 0, 8, 0, 0, 0, len(body), 100, len(name), 0)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, *shape)
    central = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, *shape[:-1], 0, 0, 0, 0, 0, 0)
    start = local + name + body
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(central) + len(name), len(start), 0)
    assert code(made(tmp_path / "a.xlsx", start + central + name + end)) == "cut"


def test_a_stray_quotation_mark_swallows_no_rows(tmp_path: Path) -> None:
    lines = [
        "仪器名称,型号,管理单位",
        '"3寸管,X,甲研究所',
        *(f"天平{at},X,甲研究所" for at in range(99)),
    ]
    assert len(read(made(tmp_path / "a.csv", "\n".join(lines).encode())).rows) == 100


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
)
def test_any_bytes_end_in_a_line(tmp_path: Path, data: bytes, start: bytes) -> None:
    with suppress(LedgerUnreadable):
        read(made(tmp_path / "a.xlsx", start + data))


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_damage_inside_a_sheet_ends_in_a_line(tmp_path: Path, data: st.DataObject) -> None:
    rows = f'<row r="1">{HEADER}</row>{GOOD}'
    at = data.draw(st.integers(0, len(rows)))
    cut = data.draw(st.integers(0, 40))
    put = data.draw(st.sampled_from(["", "<", ">", '"', "<c>", "</row>", "&#0;", "&x;", "9" * 30]))
    with suppress(LedgerUnreadable):
        read(sheet_xml(tmp_path / "a.xlsx", rows[:at] + put + rows[at + cut :]))


def test_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = sheet_xml(tmp_path / "a.xlsx", f'<row r="1">{HEADER}</row>{corner}')
    words = (
        "import sys; from pathlib import Path; from store.ledger import read\n"
        "try: read(Path(sys.argv[1]))\n"
        "except Exception as why: print(type(why).__name__)\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(status.partition('VmHWM:')[2].split()[0]) // 1024)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", words, str(path)], capture_output=True, text=True, check=True
    )
    name, peak = ran.stdout.split()
    assert (name, ran.stderr) == ("LedgerUnreadable", "")
    assert int(peak) < 200
