"""A contract as a Word file: styles, page numbers, both sides beside each other at the end."""

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from bot.web.contract_paper import Paper, words

BODY, TITLE, HEAD, SMALL = Pt(12), Pt(18), Pt(12), Pt(9)
LEADING = 1.5


def word(paper: Paper) -> bytes:
    """The whole file."""
    book = Document()
    _page(book)
    _styles(book)
    _head(book, paper)
    for heading, paragraphs in paper.clauses:
        book.add_heading(heading, level=1)
        for paragraph in paragraphs:
            book.add_paragraph(paragraph).paragraph_format.first_line_indent = 2 * BODY
    _signatures(book, paper)
    _foot(book, paper)
    book.core_properties.title = f"{paper.title} {paper.number}"
    book.core_properties.author = book.core_properties.comments = ""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _page(book: Any) -> None:  # noqa: ANN401 - python-docx has no types
    section = book.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(28)
    section.top_margin = section.bottom_margin = Mm(26)


def _styles(book: Any) -> None:  # noqa: ANN401
    fonts = words()["word"]
    body = book.styles["Normal"]
    _font(body, fonts["body"], BODY)
    body.paragraph_format.line_spacing = LEADING
    body.paragraph_format.space_after = Pt(0)
    for name, size in (("Title", TITLE), ("Heading 1", HEAD)):
        style = book.styles[name]
        _font(style, fonts["head"], size)
        style.font.color.rgb = None
        style.paragraph_format.space_before = Pt(6)
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.keep_with_next = True
        style.font.bold = False
    title = book.styles["Title"].element.pPr
    for line in title.findall(qn("w:pBdr")):  # Word's own has a blue line below
        title.remove(line)


def _font(style: Any, chinese: str, size: Any) -> None:  # noqa: ANN401
    style.font.name, style.font.size = words()["word"]["latin"], size
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), chinese)


def _head(book: Any, paper: Paper) -> None:  # noqa: ANN401
    title = book.add_paragraph(paper.title, style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if paper.state:
        state = book.add_paragraph(paper.state)
        state.alignment = WD_ALIGN_PARAGRAPH.CENTER
        state.runs[0].font.size = SMALL
    *named, preamble = paper.head
    for line in named:
        book.add_paragraph(line)
    book.add_paragraph(preamble).paragraph_format.first_line_indent = 2 * BODY


def _signatures(book: Any, paper: Paper) -> None:  # noqa: ANN401
    book.add_paragraph()
    table = book.add_table(rows=1, cols=len(paper.blocks))
    for cell, block in zip(table.rows[0].cells, paper.blocks, strict=True):
        cell.text = "\n".join(block)
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_together = True


def _foot(book: Any, paper: Paper) -> None:  # noqa: ANN401
    foot = book.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, between, after = words()["word"]["page"]
    foot.add_run(before.format(number=paper.number))
    _field(foot, "PAGE")
    foot.add_run(between)
    _field(foot, "NUMPAGES")
    foot.add_run(after)
    foot.add_run().add_break()
    foot.add_run(words()["foot"]["hash"].format(hash=paper.hash))
    for run in foot.runs:
        run.font.size = SMALL


def _field(paragraph: Any, code: str) -> None:  # noqa: ANN401
    """A number that Word counts itself."""
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, code), ("end", None)):
        if text is None:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)  # noqa: SLF001 - there is no other way in
