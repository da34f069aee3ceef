"""One of several options, chosen in the page or by its address.

A choice that stands in the address is read from it when its control is first drawn. An address that
names none of the options gets one sentence, and the usual option is shown.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

import streamlit as st

from cnnviz.web.url_values import check_choice, keep_within

Option = TypeVar("Option", bound=str)
Width = int | Literal["stretch", "content"]

_NO_ALIASES: Mapping[str, str] = {}


def choose_listed(
    label: str,
    options: Sequence[Option],
    *,
    key: str,
    noun: str,
    default: Option | None = None,
    aliases: Mapping[str, str] = _NO_ALIASES,
    width: int | Literal["stretch"] = "stretch",
) -> Option:
    """Show a list that opens, for many options, and return the chosen one.

    Args:
        label: What is chosen, above the list.
        options: At least one, each different.
        key: Of the control and of the address.
        noun: What is chosen, for the sentence that answers a wrong address.
        default: The usual option; the first where none is given.
        aliases: Other names that an address may use, in lower case.
        width: In pixels, or all there is.
    """
    usual = options[0] if default is None else default
    problem = check_choice(key, options, aliases=aliases, noun=noun)
    keep_within(key, options, fallback=usual)
    chosen = st.selectbox(
        label, options, index=options.index(usual), key=key, bind="query-params", width=width
    )
    if problem:
        st.warning(problem)
    return _find(options, chosen, usual)


def choose_segment(
    label: str,
    options: Sequence[Option],
    *,
    key: str,
    noun: str,
    default: Option | None = None,
    aliases: Mapping[str, str] = _NO_ALIASES,
    width: Width = "content",
    has_label: bool = True,
) -> Option:
    """Show few options side by side, and return the chosen one.

    Args:
        label: What is chosen; read aloud also where it is not shown.
        options: At least one, each different.
        key: Of the control and of the address.
        noun: What is chosen, for the sentence that answers a wrong address.
        default: The usual option; the first where none is given.
        aliases: Other names that an address may use, in lower case.
        width: In pixels, as the options need, or all there is.
        has_label: Whether the label is shown.
    """
    usual = options[0] if default is None else default
    problem = check_choice(key, options, aliases=aliases, noun=noun)
    keep_within(key, options, fallback=usual)
    chosen = st.segmented_control(
        label,
        options,
        default=usual,
        required=True,
        key=key,
        bind="query-params",
        width=width,
        label_visibility="visible" if has_label else "collapsed",
    )
    if problem:
        st.warning(problem)
    return _find(options, chosen, usual)


def _find(options: Sequence[Option], chosen: Option | None, usual: Option) -> Option:
    """The option itself: Streamlit may hand an option of an enumeration back as plain text."""
    return usual if chosen is None else options[options.index(chosen)]
