"""What is kept ready: bounded, and what is asked for again outlives what is asked for once."""

from hypothesis import given
from hypothesis import strategies as st

from store.search.kept import Kept


def test_what_is_asked_for_again_outlives_what_is_asked_for_once() -> None:
    kept: Kept[int, str] = Kept(10)
    kept.put(1, "one")
    assert kept.get(1) == "one"
    for n in range(100, 200):
        assert kept.get(n) is None
        kept.put(n, "other")
    assert kept.get(1) == "one"
    assert kept.get(100) is None
    kept.clear()
    assert kept.get(1) is None


@given(st.lists(st.integers(0, 50)))
def test_it_is_bounded_and_never_wrong(asked: list[int]) -> None:
    kept: Kept[int, str] = Kept(8)
    for n in asked:
        assert (kept.get(n) or kept.put(n, str(n))) == str(n)
        assert len(kept) <= 16
