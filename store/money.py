"""Money as people read it: whole fen inside, yuan with a comma outside."""

from decimal import ROUND_HALF_UP, Decimal


def yuan(fen: int) -> str:
    """`8,600`, `0.15`, `1,234.50`: without the word for yuan."""
    whole, rest = divmod(abs(fen), 100)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole:,}.{rest:02}" if rest else f"{sign}{whole:,}"


def share(fen: int, part: Decimal) -> int:
    """So many times an amount, to the nearest fen; half a fen counts as one."""
    return int((Decimal(fen) * part).to_integral_value(ROUND_HALF_UP))
