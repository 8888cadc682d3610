"""Contracts as files: all of the text, numbered pages, our own font, lines as Chinese has them."""

import io
import re
import zlib
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from bot.web import contract_paper, contract_pdf, contract_word, typeset
from bot.web.contract_paper import Paper

HASH = "ab" * 32
PAPER = Paper(
    "HT12",
    "科研设施和仪器开放共享服务合同",
    [
        "合同编号：HT12　　预约单号：YY7",
        "甲方（管理单位）：某院",
        "乙方（用户）：某公司",
        "甲乙双方订立本合同。",
    ],
    [(f"第{n}条　条款", [f"{n}.1　{'甲方保护乙方的身份信息。' * 12}"]) for n in range(1, 8)],
    "",
    [["甲方：某院", "经办人：赵管理"], ["乙方：某公司", "经办人：李喆"]],
    HASH,
)


def streams(pdf: bytes) -> bytes:
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join(_open(each) for each in found)


def _open(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_a_pdf_carries_its_font_and_numbers_its_pages() -> None:
    pdf = contract_pdf.pdf(PAPER)
    pages = len(re.findall(rb"/Type /Page\b(?!s)", pdf))
    assert pages >= 2
    assert b"/FontFile3" in pdf
    assert b"NotoSerif" in pdf
    assert len(pdf) < 500_000
    assert b"{nb}" not in streams(pdf)


def test_a_draft_says_so() -> None:
    words = contract_paper.words()["status"]
    assert set(words) == {"sharing", "open", "declined", "void"}
    draft = replace(PAPER, state=words["open"])
    said = [each.text for each in Document(io.BytesIO(contract_word.word(draft))).paragraphs]
    assert words["open"] in said
    assert len(contract_pdf.pdf(draft)) > 10_000


def test_a_word_file_has_all_of_the_text() -> None:
    book = Document(io.BytesIO(contract_word.word(PAPER)))
    said = [each.text for each in book.paragraphs if each.text]
    wanted = [PAPER.title, *PAPER.head]
    for heading, paragraphs in PAPER.clauses:
        wanted += [heading, *paragraphs]
    assert said == wanted
    (table,) = book.tables
    assert [cell.text.split("\n") for cell in table.rows[0].cells] == PAPER.blocks
    fonts = book.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "宋体"
    foot = book.sections[0].footer._element.xml
    assert "PAGE" in foot
    assert "NUMPAGES" in foot
    assert HASH in foot


def wide(text: str) -> float:
    """A character of ours is one wide, a Latin one half."""
    return sum(0.5 if each.isascii() else 1 for each in text)


WRITTEN = st.text(st.sampled_from("甲乙双方约定，。（）「」、2026年YQ12 %："), max_size=120)


@given(WRITTEN, st.sampled_from([12, 20, 31]))
def test_lines_keep_every_character_and_their_measure(text: str, measure: int) -> None:
    found = list(typeset.lines(text, wide, measure, 2))
    assert "".join(line.text for line in found).replace(" ", "") == text.replace(" ", "")
    assert [line.last for line in found] == [*[False] * (len(found) - 1), True]


@given(
    st.lists(
        st.sampled_from(["甲方", "乙方，", "（一）", "YQ12", "订立。", "「合同」", "2026年"]),
        max_size=40,
    )
)
def test_no_line_begins_with_a_comma_or_ends_with_a_bracket(parts: list[str]) -> None:
    found = list(typeset.lines("".join(parts), wide, 14, 2))
    for n, line in enumerate(found):
        assert wide(line.text) <= (14 if n else 12)
        assert n == 0 or line.text[0] not in typeset.NOT_FIRST
        assert line.text == "" or line.text[-1] not in typeset.NOT_LAST


@pytest.mark.parametrize(("text", "gap"), [("甲乙丙丁", 0), ("甲乙丙丁甲乙丙丁甲", 1 / 8)])
def test_only_what_is_nearly_full_is_stretched(text: str, gap: float) -> None:
    assert typeset.stretch(text, wide, 10) == pytest.approx(gap)
