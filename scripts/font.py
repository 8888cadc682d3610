"""Write store/fonts/NotoSerifSC.otf: Noto Serif CJK SC with what documents here are written in.

Run it where that family lies (Debian: fonts-noto-cjk):
`.venv/bin/python scripts/font.py /usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc`.
"""

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

FONT = Path(__file__).parents[1] / "store" / "fonts" / "NotoSerifSC.otf"
FACE = "Noto Serif CJK SC"
RANGES = (
    range(0x20, 0x7F),
    range(0xA0, 0x100),
    range(0x2010, 0x2030),
    range(0x3000, 0x3020),
    range(0xFF01, 0xFF5F),
)
SIGNS = "€℃①②③④⑤⑥⑦⑧⑨⑩☐☑✓䶮"


def gbk() -> Iterator[int]:
    """Every character of GBK: what names in China are written with."""
    for pair in range(0x8140, 0xFEFF):
        try:
            yield ord(pair.to_bytes(2).decode("gbk"))
        except UnicodeDecodeError:
            continue


def face(path: Path) -> TTFont:
    """The mainland's forms out of a collection."""
    fonts = TTCollection(path).fonts
    return next(font for font in fonts if font["name"].getDebugName(4) == FACE)


def main() -> None:
    """Write the font."""
    options = subset.Options(layout_features=["kern"], hinting=False, notdef_outline=True)
    options.drop_tables += ["BASE", "DSIG", "VORG", "vhea", "vmtx"]
    options.name_IDs = ["*"]
    font = face(Path(sys.argv[1]))
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=chain(gbk(), map(ord, SIGNS), *RANGES))
    subsetter.subset(font)
    font.save(FONT)


if __name__ == "__main__":
    main()
