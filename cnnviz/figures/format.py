"""Numbers as people read them: the only place that writes one for a page, a figure or a table.

One notation for each kind: 66.5 %, < 0.1 %, 2,813, 4.2 M, 81.3 G, 0.512, −17.4, 64×56×56, 233.1 MB,
1.24 s. A minus is a true minus sign. Bytes are counted in 1,024s, as torchvision's tables do.
"""

from collections.abc import Iterable, Sequence
from math import floor, log10

from cnnviz.networks.load import Prediction

_UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_BYTES = ((2**30, "GB"), (2**20, "MB"), (2**10, "KB"))
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_POWER = "×10"


def format_probability(probability: float) -> str:
    """Write a network's probability (0 to 1) in percent, never as certain or impossible.

    Args:
        probability: What a softmax gave; rounded to 0 or 1 by floating point it is neither.
    """
    if probability < 0.0005:
        return "< 0.1 %"
    return "> 99.9 %" if probability >= 0.9995 else f"{100 * probability:.1f} %"


def format_share(prediction: Prediction, index: int) -> str:
    """Write the probability of a class."""
    return format_probability(float(prediction.probabilities[index]))


def format_percent(share: float, *, digits: int = 1) -> str:
    """Write a counted share (0 to 1) in percent: 0 % and 100 % only where they are exact.

    Args:
        share: The share; negative or above 1 for changes.
        digits: After the point.
    """
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    step = 10.0**-digits
    percent = 100 * abs(share)
    if percent < step / 2:
        return f"< {step:.{digits}f} %"
    if 100 - step / 2 <= percent < 100:
        return f"> {100 - step:.{digits}f} %"
    return f"{_sign(share)}{percent:,.{digits}f} %"


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write cells as a Markdown table."""
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def format_count(count: int) -> str:
    """Write a whole number exactly, in groups of three: 2,813."""
    return f"{_sign(count)}{abs(count):,}"


def format_quantity(quantity: float) -> str:
    """Write a count of any size shortly: 2,813, 61.7 k, 4.2 M, 724 M, 81.3 G."""
    if abs(quantity) < 9_999.5:
        return format_count(round(quantity))
    for unit, name in _UNITS:
        if abs(quantity) >= 0.9995 * unit:
            scaled = abs(quantity) / unit
            return f"{_sign(quantity)}{scaled:,.{1 if scaled < 99.95 else 0}f} {name}"
    raise AssertionError(quantity)


def format_number(value: float) -> str:
    """Write a measured number with three significant digits: 0.512, −17.4, 12,346, 4.20×10⁻⁵."""
    size = abs(value)
    if size == 0:
        return "0"
    if size != size or size == float("inf"):
        return f"{_sign(value)}∞" if size == size else "not a number"
    if size >= 1e9 or size < 1e-4:
        mantissa, exponent = f"{size:.2e}".split("e")
        return f"{_sign(value)}{mantissa}{_POWER}{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    if size >= 999.5:
        return f"{_sign(value)}{size:,.0f}"
    return f"{_sign(value)}{size:#.3g}".removesuffix(".")


def format_sum(total: float, terms: Iterable[float]) -> str:
    """Write a sum with the decimals of its largest term, so that written terms that cancel fit it.

    Args:
        total: The sum.
        terms: What it is the sum of, written by `format_number`.
    """
    largest = max(map(abs, terms))
    decimals = max(2 - floor(log10(largest)), 0) if largest else 0
    rounded = round(total, decimals)
    return f"{_sign(rounded)}{abs(rounded):,.{decimals}f}"


def format_signed(value: float) -> str:
    """Write a change, with its sign also where it is positive: +0.512."""
    return f"+{format_number(value)}" if value > 0 else format_number(value)


def format_points(points: float) -> str:
    """Write a change of an accuracy that is published with one decimal: +0.3, −1.0, in points."""
    if abs(points) < 0.05:
        return "0.0"
    return f"{_sign(points) or '+'}{abs(points):.1f}"


def format_setting(value: float) -> str:
    """Write a number that a person has chosen, as short as it is: 8, 0.5, −1.

    Args:
        value: Of at most six digits.
    """
    return f"{_sign(value)}{abs(value):,.6g}" if abs(value) < 1e6 else format_number(value)


def format_bytes(size: float) -> str:
    """Write bytes: 512 B, 1.5 KB, 233.1 MB, 2.0 GB, in units of 1,024."""
    for unit, name in _BYTES:
        if size >= 0.9995 * unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size:.0f} B"


def format_seconds(seconds: float) -> str:
    """Write a duration: 0.512 ms, 12.3 ms, 421 ms, 1.24 s, 12.3 s, 2 min 5 s."""
    if seconds < 0.9995:
        return f"{format_number(1000 * seconds)} ms"
    if seconds < 59.95:
        return f"{format_number(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:,} min {rest} s"


def format_shape(shape: Sequence[int]) -> str:
    """Write a shape or size: 64×56×56."""
    return "×".join(str(side) for side in shape)


def format_pair(pair: tuple[int, int]) -> str:
    """Write what may differ between the axes: 3, or 1×7."""
    return str(pair[0]) if pair[0] == pair[1] else format_shape(pair)


def hover_percent(axis: str) -> str:
    """Return what plotly writes for a coordinate that is given in percent.

    Args:
        axis: x, y or z.
    """
    return f"%{{{axis}:.1f}} %"


def hover_number(axis: str) -> str:
    """Return what plotly writes for a measured coordinate: three significant digits.

    Args:
        axis: x, y or z.
    """
    return f"%{{{axis}:,.3r}}"


def format_latex(text: str) -> str:
    """Turn what a function of this module wrote into LaTeX."""
    number, is_power, exponent = text.partition(_POWER)
    if is_power and exponent[:1] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹":
        return rf"{format_latex(number)} \times 10^{{{exponent.translate(_PLAIN)}}}"
    text = text.replace("−", "-").replace(",", "{,}").replace("×", r" \times ")
    return text.replace(" %", r"\,\%")


def _sign(value: float) -> str:
    return "−" if value < 0 else ""
