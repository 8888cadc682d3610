"""Credit codes with their check digit, evaluation numbers, invoices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.voucher.code import (
    FACTORS,
    LETTERS,
    CreditCodeWrong,
    EvaluationWrong,
    InvoiceWrong,
    read_credit_code,
    read_evaluation,
    read_invoice,
)


@pytest.mark.parametrize(
    "typed",
    [
        "91350100M000100Y43",
        " 91350100m000100y43",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "9135 0100 M000 100Y 43",
    ],
)
def test_a_code_in_any_writing(typed: str) -> None:
    assert read_credit_code(typed) == "91350100M000100Y43"


@given(st.text(LETTERS, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_found(body: str, place: int, other: str) -> None:
    weighed = sum(LETTERS.index(one) * by for one, by in zip(body, FACTORS, strict=True))
    code = body + LETTERS[-weighed % 31]
    assert read_credit_code(code) == code
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CreditCodeWrong):
            read_credit_code(wrong)


@pytest.mark.parametrize("typed", ["", "91350100M000100Y4", "91350100M000100Y430", "I" * 18, "😀"])
def test_what_is_no_code(typed: str) -> None:
    with pytest.raises(CreditCodeWrong):
        read_credit_code(typed)


def test_evaluations_and_invoices() -> None:
    assert read_evaluation("2023330226a0001234") == "2023330226A0001234"
    assert read_invoice("2411 2000 0000 1234 5678") == "24112000000012345678"
    with pytest.raises(EvaluationWrong):
        read_evaluation("没有")


@pytest.mark.parametrize(
    "typed",
    [
        "12ab",
        "12345678",
        "1400201130",
        "140020113012",
        "٢٤١١٢٠٠٠٠٠٠٠١٢٣٤٥٦٧٨",
        "2411200000001234567",
    ],
)
def test_what_could_be_the_same_invoice_in_another_spelling(typed: str) -> None:
    with pytest.raises(InvoiceWrong):
        read_invoice(typed)


def test_an_invoice_with_its_code_has_one_spelling() -> None:
    assert read_invoice("1400201130 12345678") == read_invoice("１４００２０１１３０—12345678")
