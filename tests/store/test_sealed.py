import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.privacy import Unopenable, new_key
from store.sealed import CHUNK, HEAD, TAG, Sealer, Unsealer

KEY = bytes(range(32))
SIZES = st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])


def sealed(pieces: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    sealer = Sealer(out, KEY)
    for piece in pieces:
        sealer.write(piece)
    sealer.finish()
    return out.getvalue()


def read(data: bytes, key: bytes = KEY) -> bytes:
    return io.BufferedReader(Unsealer(io.BytesIO(data), key)).read()


@given(SIZES, st.integers(1, 90_000))
@settings(deadline=None, max_examples=30)
def test_what_goes_in_comes_out(size: int, step: int) -> None:
    plain = bytes(n % 251 for n in range(size))
    data = sealed([plain[at : at + step] for at in range(0, size, step)])
    assert read(data) == plain
    again = Unsealer(io.BytesIO(data), KEY)
    assert (again.size, b"".join(again.chunks())) == (size, plain)
    assert plain[:40] not in data or size < 40


@given(st.integers(0, CHUNK * 2 + 99), st.integers(0, 300))
@settings(deadline=None, max_examples=30)
def test_any_place_can_be_read(at: int, length: int) -> None:
    plain = bytes(n % 251 for n in range(CHUNK * 2 + 100))
    whole = io.BufferedReader(Unsealer(io.BytesIO(sealed([plain])), KEY))
    whole.seek(at)
    assert whole.read(length) == plain[at : at + length]


@given(st.integers(0, CHUNK * 2))
@settings(deadline=None, max_examples=20)
def test_a_change_is_seen(at: int) -> None:
    data = bytearray(sealed([b"x" * CHUNK * 2]))
    data[at] ^= 1
    with pytest.raises(Unopenable):
        read(bytes(data))


def test_a_cut_a_swap_and_another_key_are_seen() -> None:
    data = sealed([b"x" * CHUNK * 3])
    one = CHUNK + TAG
    body = data[HEAD:]
    swapped = data[:HEAD] + body[one : 2 * one] + body[:one] + body[2 * one :]
    for wrong in (data[: HEAD + one], data[:-1], data[:5], b"", swapped):
        with pytest.raises(Unopenable):
            read(wrong)
    with pytest.raises(Unopenable):
        read(data, new_key())
