"""100,000 rows from the command line: in a minute, in less than 500 MB."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.soak
def test_a_hundred_thousand_rows() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.ledger", "100000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = re.findall(
        r"(\d+) imported.*?(\d+) unchanged.*: ([\d.]+) s, at most (\d+) MB", ran.stdout
    )
    (first, _, took, peak), (_, same, again, _) = told
    assert (first, same) == ("100000", "100000")
    assert float(took) < 60
    assert float(again) < 60
    assert int(peak) < 500
