"""How numbers and formulas are written on the page."""

from __future__ import annotations

from explorer.figures.notation import katex
from explorer.records import Formula


def thousands(number: float) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,.0f}"


def formula(worked: Formula) -> str:
    """A formula with its numbers and its value, as inline TeX."""
    value = f"{worked.value:,}".replace(",", "{,}")
    return f"${katex(worked.substituted)} = {value}$"


def times(ratio: float) -> str:
    """A ratio: 9.7, or 97 where it is large."""
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:,.0f}"


def percent(share: float, digits: int = 1) -> str:
    """A share (0 to 1) in percent."""
    return f"{100 * share:.{digits}f}%"


def significant(number: float) -> str:
    """Three significant digits, and the thousands apart: 1.22, 706,000."""
    return f"{float(f'{number:.3g}'):,.0f}" if number >= 1000 else f"{number:.3g}"
