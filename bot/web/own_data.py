"""One's own data as a file to keep: a table for people and JSON for programs, in one archive."""

import io
import json
import tomllib
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter

from store.own_data import Rows


@cache
def headings() -> dict[str, dict[str, str]]:
    """Section by section: its title, and a heading for each column."""
    return tomllib.loads(Path(__file__).with_name("sheets.toml").read_text("utf-8"))


def archive(data: Mapping[str, Rows], name: str) -> bytes:
    """The archive and what is in it, by name; made in memory: nothing of it touches the disk."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(f"{name}.json", json.dumps(data, ensure_ascii=False, indent=1))
        box.writestr(f"{name}.xlsx", _table(data))
    return out.getvalue()


def _table(data: Mapping[str, Rows]) -> bytes:
    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, plain) as book:
        bold = book.add_format({"bold": True})
        for section, rows in data.items():
            words = headings()[section]
            sheet = book.add_worksheet(words["title"])
            columns = [key for key in words if key != "title"]
            for across, key in enumerate(columns):
                sheet.write_string(0, across, words[key], bold)
                for down, row in enumerate(rows, start=1):
                    sheet.write_string(down, across, _cell(row.get(key)))
            sheet.set_column(0, max(0, len(columns) - 1), 22)
    return out.getvalue()


def _cell(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
