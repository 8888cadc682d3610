"""Why a file as a whole is refused, in one line."""

from dataclasses import dataclass

from store.errors import Refused

WHY = {
    "missing": "there is no such file",
    "folder": "it is a folder, not a file",
    "forbidden": "it may not be read",
    "empty": "it is empty",
    "encrypted": "it is encrypted: save it without a password",
    "cut": "it is cut short or damaged",
    "foreign": "it is neither a spreadsheet (.xlsx, .xls, .ods) nor a .csv table",
    "page": "it is a web page saved under a spreadsheet's name: save it as .xlsx",
    "letters": "its letters are neither UTF-8 nor GB18030",
    "large": "it is too large once unpacked",
    "hollow": "most of its rows are empty: delete the empty rows below the table and save it again",
    "wide": "it has too many columns",
    "headless": "no row of it names the columns of a ledger (仪器名称, 管理单位, 原值…)",
    "nothing": "it has a header, but no instruments below it",
}


@dataclass(eq=False)
class LedgerUnreadable(Refused):
    """The file is no ledger that can be read; nothing of it is in the catalogue."""

    code: str
    """A key of WHY."""
    detail: str = ""

    def __str__(self) -> str:
        return f"{WHY[self.code]}{f' ({self.detail})' if self.detail else ''}"
