"""What people want done, in free words: tables of words and rules, read without a model."""

from bot.kit.intents.reader import Intent, Parts, Reader

__all__ = ["Intent", "Parts", "Reader"]
