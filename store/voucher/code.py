"""Unified social credit codes (统一社会信用代码, GB 32100-2015), evaluation numbers, invoices."""

import re
import unicodedata
from dataclasses import dataclass

from store.errors import Refused

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: without I, O, S, V and Z."""
FACTORS = tuple(pow(3, place, 31) for place in range(17))
EVALUATION = re.compile(r"20[0-9]{8}[A-Z0-9]{6,8}")
"""A year, six digits of the place, a serial (入库登记编号)."""
INVOICE = re.compile(r"[0-9]{18}|[0-9]{20}")
"""Of paper ones code (10 or 12 digits) and number (8) together, of electronic ones twenty digits.

Either alone is no invoice's own: the same one could be handed in with its code and without.
"""


@dataclass(eq=False)
class CreditCodeWrong(Refused):
    """It is no credit code: its form or its check digit is wrong."""


@dataclass(eq=False)
class EvaluationWrong(Refused):
    """It is no evaluation number."""


@dataclass(eq=False)
class InvoiceWrong(Refused):
    """It is no invoice's number."""


def _plain(words: str) -> str:
    return re.sub(r"[\s—–-]", "", unicodedata.normalize("NFKC", words)).upper()


def read_credit_code(words: str) -> str:
    """A credit code as typed, in its one form; raises CreditCodeWrong."""
    code = _plain(words)
    if len(code) != 18 or any(letter not in LETTERS for letter in code):
        raise CreditCodeWrong
    weighed = sum(LETTERS.index(one) * by for one, by in zip(code, FACTORS, strict=False))
    if LETTERS[-weighed % 31] != code[17]:
        raise CreditCodeWrong
    return code


def read_evaluation(words: str) -> str:
    """An evaluation number as typed; raises EvaluationWrong."""
    number = _plain(words)
    if not EVALUATION.fullmatch(number):
        raise EvaluationWrong
    return number


def read_invoice(words: str) -> str:
    """An invoice's number as typed; raises InvoiceWrong."""
    number = _plain(words)
    if not INVOICE.fullmatch(number):
        raise InvoiceWrong
    return number
