"""Markdown and its formulas as plain text, for places that set no formulas: a phone, a table."""

import re

_SIGNS = {
    "cdot": "·",
    "times": "×",
    "quad": " ",
    "qquad": " ",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "sum": "Σ",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "eta": "η",
    "lambda": "λ",
    "mu": "μ",
    "sigma": "σ",
    "varphi": "φ",
    "phi": "φ",
    "partial": "∂",
    "approx": "≈",
    "leq": "≤",
    "geq": "≥",
    "infty": "∞",
    "left": "",
    "right": "",
}
_EM_SPACE = "\u2003"
_FORMULA = re.compile(r"\$\$?([^$]+)\$\$?")
_FRACTION = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
_GROUP = re.compile(r"(\\sqrt|\\text|\^|_)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[^\s+\-−·×/]+")
_RULE = re.compile(r"^[ ]*\|?[ |:-]*--[ |:-]*$\n?", flags=re.MULTILINE)
_ROW = re.compile(r"^[ ]*\|(.*)\|[ ]*$", flags=re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)]*\)")


def write_plain(text: str) -> str:
    """Write Markdown as plain text: formulas in one line each, tables row by row, no emphasis."""
    text = _FORMULA.sub(lambda found: _write_formula(found[1]), text)
    text = _ROW.sub(lambda found: found[1].strip().replace(" | ", "  "), _RULE.sub("", text))
    text = _LINK.sub(r"\1", text).replace("**", "").replace("`", "")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _write_formula(formula: str) -> str:
    text = formula.replace("{,}", ",").replace("|", "∣")
    text = re.sub(r"\\begin\{\w+\}|\\end\{\w+\}", "\n", text)
    text = re.sub(r"\s*\\\\\s*", "\n", text).replace("&=", "=").replace("&", " & ")
    before = ""
    while before != text:  # from the innermost braces outward
        before = text
        text = _GROUP.sub(_write_group, text)
        text = _FRACTION.sub(lambda found: f"{_close(found[1])}/{_close(found[2])}", text)
    text = re.sub(r"\\([a-zA-Z]+)", lambda found: _SIGNS.get(found[1], found[1]), text)
    text = re.sub(r"[{}\\]", "", text).replace("∣", "|").replace("-", "−")
    text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return text.replace(" & ", _EM_SPACE)  # of a matrix: its columns stay apart


def _write_group(found: re.Match[str]) -> str:
    name, inner = found[1], found[2]
    if name == r"\text":
        return inner
    return f"√{_close(inner)}" if name == r"\sqrt" else f"{name}{_close(inner)}"


def _close(part: str) -> str:
    """A part in parentheses, unless it is one number or name."""
    part = part.strip()
    return part if _SIMPLE.fullmatch(part) else f"({part})"
