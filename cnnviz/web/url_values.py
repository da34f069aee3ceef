"""What an address may say of a page's controls, and what to answer when it says nonsense.

Streamlit drops an unknown value from the address without a word. These functions run before the
control and find the sentence for it; they also take a layer's or network's own name for its title.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from cnnviz.imaging import clean_name


def check_choice(
    key: str, options: Sequence[str], *, aliases: Mapping[str, str], noun: str
) -> str | None:
    """Look at what the address says for a choice, before its control is drawn.

    Args:
        key: Key of the control and of the address.
        options: What the control offers, as it writes them.
        aliases: Other names, by name in lower case.
        noun: What is chosen, for the sentence.

    Returns:
        One sentence if the address names none of the options; the control then shows its first.
    """
    raw = _fresh_value(key)
    if raw is None or raw in options:
        return None
    if raw.lower() in aliases:
        # The control reads the address when it is first drawn: put it right before that.
        st.query_params[key] = aliases[raw.lower()]
        st.rerun()
    return f"There is no {noun} “{clean_name(raw)}” here; another is shown. Choose one of the list."


def check_index(key: str, *, count: int, noun: str) -> str | None:
    """Look at what the address says for a whole number from 0 to count − 1.

    Returns:
        One sentence if it is none; the control then shows its default.
    """
    raw = _fresh_value(key)
    if raw is None or (raw.isascii() and raw.isdigit() and len(raw) < 9 and int(raw) < count):
        return None
    return (
        f"There is no {noun} “{clean_name(raw)}” in this layer; it has {count}, from 0 to "
        f"{count - 1}. Another is shown."
    )


def check_number(key: str, *, least: int, most: int, noun: str) -> str | None:
    """Look at what the address says for a whole number from `least` to `most`.

    Returns:
        One sentence if it is none; the control then shows its default.
    """
    raw = _fresh_value(key)
    if raw is None or (
        raw.isascii() and raw.isdigit() and len(raw) < 9 and least <= int(raw) <= most
    ):
        return None
    return (
        f"{noun} cannot be “{clean_name(raw)}”; give a whole number from {least} to {most}. The "
        "usual one is shown."
    )


def keep_within(key: str, options: Sequence[object], *, fallback: object) -> None:
    """Bring a control back to an option that it still offers, before it is drawn."""
    if key in st.session_state and st.session_state[key] not in options:
        st.session_state[key] = fallback


def _fresh_value(key: str) -> str | None:
    """The address's value where the control has not been drawn yet in this visit."""
    return None if key in st.session_state else st.query_params.get(key)


def check_choices(
    key: str, options: Sequence[str], *, aliases: Mapping[str, str], noun: str
) -> str | None:
    """Look at what the address says for several choices, before their control is drawn.

    Args:
        key: Key of the control and of the address, which may hold it several times.
        options: What the control offers, as it writes them.
        aliases: Other names, by name in lower case.
        noun: What is chosen, for the sentence.

    Returns:
        One sentence if the address names any that is none of the options; the others are shown.
    """
    raw = [] if key in st.session_state else st.query_params.get_all(key)
    wanted = [aliases.get(each.lower(), each) if each not in options else each for each in raw]
    if wanted != raw:
        # The control reads the address when it is first drawn: put it right before that.
        st.query_params[key] = wanted
        st.rerun()
    unknown = [clean_name(each) for each in wanted if each not in options]
    if not unknown:
        return None
    return f"There is no {noun} “{unknown[0]}” here; choose from the list."
