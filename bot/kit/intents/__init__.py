"""What people want done, in free words: tables of words and rules, read without a model."""

from functools import cache

from bot.kit.intents.reader import Intent, Parts, Reader

__all__ = ["Intent", "Parts", "Reader", "reader"]


@cache
def reader() -> Reader:
    """The tables that ship, read once."""
    return Reader.load()
