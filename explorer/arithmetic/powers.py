"""Powers of ten as people write them."""

from __future__ import annotations

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """10 with its exponent raised: 10⁻⁶."""
    return "10" + f"{exponent}".translate(_RAISED)


def scientific(written: str) -> str:
    """What Python writes as "6.6e-06": 6.6·10⁻⁶."""
    digits, _, exponent = written.partition("e")
    return f"{digits}·{power_of_ten(int(exponent))}"
