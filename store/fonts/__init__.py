"""The one font that pictures, labels and documents are set in, so that no machine needs its own.

Noto Serif CJK SC (SIL Open Font License 1.1, OFL.txt), cut down to GBK by scripts/font.py;
OpenType with CFF outlines: FreeType reads it, fpdf2 embeds of it what a document needs.
"""

from pathlib import Path

SONG = Path(__file__).with_name("NotoSerifSC.otf")
"""Its file."""
