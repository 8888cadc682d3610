"""A contract set on A4 in our own font, of which the file holds the characters that it uses."""

from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import Align, TextMode

from bot.web import typeset
from bot.web.contract_paper import Paper, words
from store.fonts import SONG

SIDE, TOP, BOTTOM = 28.0, 27.0, 26.0
"""Margins in millimetres."""
BODY, TITLE, HEAD, SMALL = 12.0, 20.0, 12.5, 9.0
"""Points: 小四 for the text, as contracts have it."""
LEADING = 7.1
GREY, BLACK = 110, 0
FAMILY = "song"
POINTS = 72 / 25.4


def pdf(paper: Paper) -> bytes:
    """The whole file."""
    sheet = Sheet(paper)
    sheet.add_page()
    sheet.head()
    for heading, paragraphs in paper.clauses:
        sheet.clause(heading, paragraphs)
    sheet.signatures()
    return bytes(sheet.output())


class Sheet(FPDF):
    """The pages of one contract."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self.paper = paper
        self.set_margins(SIDE, TOP)
        self.set_auto_page_break(auto=True, margin=BOTTOM)
        self.add_font(FAMILY, fname=SONG)
        self.set_lang("zh-CN")
        self.set_title(f"{paper.title} {paper.number}")

    def footer(self) -> None:
        """The number of the page, and which text this is."""
        foot = words()["foot"]
        self.set_y(-18)
        self._ink(SMALL, GREY)
        page = foot["page"].format(number=self.paper.number, page=self.page_no(), pages="{nb}")
        self.cell(0, 5, page, align="C", new_x="LMARGIN", new_y="NEXT")
        self.cell(0, 4, foot["hash"].format(hash=self.paper.hash), align="C")
        self._ink(BODY)

    def head(self) -> None:
        """Title and parties; a draft says that it is one."""
        self._bold(TITLE, 14, self.paper.title, Align.C)
        if self.paper.state:
            self._ink(SMALL + 1, GREY)
            self.cell(0, 6, self.paper.state, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)
        *named, preamble = self.paper.head
        self._ink(BODY)
        for line in named:
            self._paragraph(line, indent=False)
        self.ln(2)
        self._paragraph(preamble)

    def clause(self, heading: str, paragraphs: Sequence[str]) -> None:
        """A heading that stays with its first lines, and its paragraphs."""
        if self.will_page_break(LEADING * 3.5):
            self.add_page()
        self.ln(2.2)
        self._bold(HEAD, LEADING + 0.8, heading, Align.L)
        self._ink(BODY)
        for paragraph in paragraphs:
            self._paragraph(paragraph)

    def signatures(self) -> None:
        """Both sides beside each other, on one page."""
        half = self.epw / 2 - 4
        self._ink(BODY - 1)
        columns = [typeset.block(block, self.get_string_width, half) for block in self.paper.blocks]
        high = max(map(len, columns)) * LEADING
        self.ln(8)
        if self.will_page_break(high):
            self.add_page()
        top = self.get_y()
        self.set_line_width(0.2)
        self.line(self.l_margin, top - 3, self.w - self.r_margin, top - 3)
        for n, column in enumerate(columns):
            self.set_y(top)
            for line in column:
                self.set_x(self.l_margin + n * (half + 8))
                self.cell(half, LEADING, line, new_x="LMARGIN", new_y="NEXT")

    def _paragraph(self, text: str, *, indent: bool = True) -> None:
        em = BODY / POINTS
        shift = 2 * em if indent else 0.0
        measure = self.epw - 0.5
        for line in typeset.lines(text, self.get_string_width, measure, shift):
            room = measure - shift
            gap = 0.0 if line.last else typeset.stretch(line.text, self.get_string_width, room)
            self.set_x(self.l_margin + shift)
            self.set_char_spacing(gap * POINTS)
            self.cell(room + 0.5, LEADING, line.text, new_x="LMARGIN", new_y="NEXT")
            self.set_char_spacing(0)
            shift = 0.0

    def _bold(self, size: float, high: float, text: str, align: Align) -> None:
        """A heading: the same font with a line around it."""
        self._ink(size)
        with self.local_context(text_mode=TextMode.FILL_STROKE, line_width=size * 0.012):
            self.cell(0, high, text, align=align, new_x="LMARGIN", new_y="NEXT")

    def _ink(self, size: float, grey: int = BLACK) -> None:
        self.set_font(FAMILY, size=size)
        self.set_text_color(grey)
