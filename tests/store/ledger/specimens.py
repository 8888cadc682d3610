"""Ledgers as other cities might keep them: one truth, told in many ways."""

# ruff: noqa: E501 - a table's row is read in one line

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from store.ledger import Ledger

Merge = tuple[int, int, int, int]
Lines = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Truth:
    """What a row must come out as."""

    name: str
    model: str | None
    maker: str | None
    unit: str
    county: str | None
    wan: float | None
    fee: str | None
    started: str | None


ICP = Truth(
    "电感耦合等离子体质谱仪",
    "NexION 350",
    "珀金埃尔默",
    "嘉禾大学分析测试中心",
    "南湖区",
    165.5,
    "80元/元素",
    "2018-06",
)
TEM = Truth(
    "透射电子显微镜",
    "JEM-2100",
    "日本电子",
    "嘉禾大学分析测试中心",
    "南湖区",
    438.44,
    "800元/小时",
    "2016-11",
)
CMM = Truth(
    "三坐标测量机",
    "GLOBAL",
    "海克斯康",
    "海宁精工机械有限公司",
    "海宁市",
    123.5,
    "200元/小时",
    "2020-01",
)
DSC = Truth(
    "差示扫描量热仪", "Q2000", "TA", "平湖市检验检测中心", "平湖市", 41.02, "免费", "2019-12"
)
ALL = (ICP, TEM, CMM, DSC)


def told(ledger: Ledger) -> list[Truth]:
    """What a ledger was read as."""
    return [
        Truth(
            row.facts.name,
            row.facts.model,
            row.facts.maker,
            row.unit,
            row.place.name if row.place else None,
            row.facts.worth_fen / 1_000_000 if row.facts.worth_fen is not None else None,
            row.facts.fee,
            row.facts.started_on.strftime("%Y-%m") if row.facts.started_on else None,
        )
        for row in ledger.rows
    ]


def xlsx(
    path: Path, *sheets: tuple[str, Lines, Sequence[Merge]], hidden: Sequence[str] = ()
) -> Path:
    """A workbook; a cell may be a value, a datetime, or a formula with its stored value (a pair)."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy/m/d"})
    for name, lines, merges in sheets:
        sheet = book.add_worksheet(name)
        for at, line in enumerate(lines):
            for column, cell in enumerate(line):
                _put(sheet, (at, column), cell, day)
        for top, left, bottom, right in merges:
            sheet.merge_range(top, left, bottom, right, lines[top][left])
        if name in hidden:
            sheet.hide()
    book.close()
    return path


def _put(sheet: Any, place: tuple[int, int], cell: Any, day: Any) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(*place, cell, day)
    elif isinstance(cell, tuple):
        sheet.write_formula(*place, cell[0], None, cell[1])
    elif isinstance(cell, str) and cell:
        sheet.write_string(*place, cell)
    elif cell not in (None, ""):
        sheet.write(*place, cell)


def csv(path: Path, lines: Lines, mark: str = ",", encoding: str = "utf-8") -> Path:
    """A table as text, with Excel's line ends."""
    text = "".join(mark.join(str(cell) for cell in line) + "\r\n" for line in lines)
    path.write_bytes(text.encode(encoding))
    return path


def ods(path: Path, lines: Lines) -> Path:
    """An OpenDocument sheet, with the million empty rows that LibreOffice puts behind every one."""

    def cell(value: Any) -> str:
        if value in (None, ""):
            return "<table:table-cell/>"
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, line))}</table:table-row>" for line in lines
    )
    rows += (
        '<table:table-row table:number-rows-repeated="1048500">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    return opendocument(path, rows)


def opendocument(path: Path, rows: str) -> Path:
    """A sheet of rows in OpenDocument's own words."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
        packed.writestr("content.xml", content)
    return path


def sheet_xml(path: Path, rows: str, dimension: str = "A1") -> Path:
    """The smallest workbook around a sheet's rows in its own words."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet {main}><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>",
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    path.write_bytes(held.getvalue())
    return path
