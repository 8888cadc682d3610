"""The file: whole or made anew, replaced at once."""

from pathlib import Path

import pytest

from store.search import answer, write
from store.search.base import Base
from store.search.layout import Damaged, Mark
from store.search.parts import Parts
from store.search.write import Writer
from tests.store.search.catalogue import entry, written

THOSE = [entry(n, f"离心机{n}", model=f"CP-{n}", fee="x" * (n % 3) * 300) for n in range(1, 60)]


def test_runs_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "SPILL", 10)
    parts = Parts(Base.open(written(THOSE, tmp_path)))
    assert answer.find(parts, "离心机", None, 100).total == 59
    assert answer.find(parts, "离心机", None, 5).ids == (1, 2, 4, 5, 7)
    assert answer.find(parts, "cp-33", None, 5).ids == (33,)
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.index"]


def test_any_damage_is_noticed(tmp_path: Path) -> None:
    path = written(THOSE, tmp_path)
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 97)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        with pytest.raises(Damaged):
            Base.open(path)
    for size in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(Damaged):
            Base.open(path)


def test_another_version_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(THOSE, tmp_path)
    monkeypatch.setattr("store.search.base.fingerprint", lambda: "other")
    with pytest.raises(Damaged, match="version"):
        Base.open(path)


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        Base.open(tmp_path / "none")


def test_a_crash_while_saving_leaves_the_old_file(tmp_path: Path) -> None:
    path = written(THOSE[:3], tmp_path)
    writer = Writer(path, [(one.id, one.score) for one in THOSE], Mark())
    writer.add(THOSE[0])
    assert len(Base.open(path)) == 3
    writer.abandon()
    assert [left.name for left in tmp_path.iterdir()] == ["catalogue.index"]


def test_an_open_file_goes_on_answering_when_it_is_replaced(tmp_path: Path) -> None:
    old = Parts(Base.open(written(THOSE[:3], tmp_path)))
    written(THOSE, tmp_path)
    assert answer.find(old, "离心机", None, 40).ids == (1, 2, 3)


def test_one_that_never_came_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.index"
    writer = Writer(path, [(1, 9), (2, 9)], Mark())
    writer.add(THOSE[0])
    writer.add(THOSE[40])
    writer.finish()
    parts = Parts(Base.open(path))
    assert parts.shown(1) is not None
    assert parts.shown(2) is None
    assert answer.find(parts, "离心机", None, 40).ids == (1,)
