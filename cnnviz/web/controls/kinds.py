"""Kinds of controls. Each knows its widget, its bounds, its text in an address, and its sentence.

A page declares its controls as the fields of a frozen dataclass (see web.state). What depends on
other values (options, bounds, defaults) is a function of `at`: the workbench as `at.bench`, and
every field declared before, by its name.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from cnnviz.images.image import clean_name

Look = Literal["segments", "list", "slider"]
OrFunction = Any  # a value, or a function of `at` that gives it


class AddressError(Exception):
    """What an address says is no value of a control; the message says why, without an end."""


def evaluate(value: OrFunction, at: Any) -> Any:
    """Return a value, or what a function of `at` gives."""
    return value(at) if callable(value) and not isinstance(value, type) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(ABC):
    """One control of a page.

    Attributes:
        label: What stands on the widget, one to three words.
        default: Value, or function of `at`.
        help: The rest that is to be said, at the pointer; None for what the page's lesson says.
        follows: Names of fields ("network" and "image" of the workbench among them); when a
            visitor changes one of them, this control returns to its default.
    """

    label: str
    default: OrFunction = None
    help: str | None = None
    follows: tuple[str, ...] = ()

    def find_default(self, at: Any) -> Any:
        """Return the value of a visitor who has not chosen any."""
        return evaluate(self.default, at)

    @abstractmethod
    def accepts(self, value: Any, at: Any) -> bool:
        """Say whether a value is possible now."""

    @abstractmethod
    def parse(self, text: str, at: Any) -> Any:
        """Read a value from an address.

        Raises:
            AddressError: It is none; the message is a sentence without its end.
        """

    def refuse(self, text: str, rest: str = "") -> AddressError:
        """Return the error that a text is no value, with the rest of its sentence."""
        return AddressError(f"{self.label} cannot be “{clean_name(text)}”{rest}")

    def write(self, value: Any) -> str:
        """Write a value for an address."""
        return str(value)

    def to_widget(self, value: Any, at: Any) -> Any:
        """Return what the widget holds for a value."""
        return value

    def from_widget(self, held: Any, at: Any) -> Any:
        """Return the value that a widget's content stands for."""
        return held

    def show(self, at: Any, **look: Any) -> None:
        """Draw the widget; `look` holds its key, on_change and what the page says of its look."""
        raise TypeError(f"{type(self).__name__} has no widget of its own.")


def _find_held(look: dict[str, Any]) -> Any:
    """What the widget is to hold, which it is told as its default too.

    A run that is cut off by the next one may never have reached the browser, and the next one sends
    no value that it holds already; the default it always sends.
    """
    return st.session_state[look["key"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options(Control):
    """Something of several options.

    Attributes:
        options: A StrEnum, strings, a mapping to their titles, or a function of `at` for these.
        titles: How options are shown, by option; those that are missing show themselves.
    """

    options: OrFunction = ()
    titles: OrFunction = None

    def list_titles(self, at: Any) -> dict[Any, str]:
        """Return the options that there are now, with their titles."""
        options = evaluate(self.options, at)
        titles = options if self.titles is None else evaluate(self.titles, at)
        known = titles if isinstance(titles, Mapping) else {}
        return {one: known.get(one, str(one)) for one in options}

    def parse(self, text: str, at: Any) -> Any:
        """Read the option that an address means, by its name or its title; see `Control`."""
        for option, title in self.list_titles(at).items():
            if text.lower() in (str(option).lower(), title.lower()):
                return option
        raise AddressError(self._refuse(clean_name(text)))

    def _refuse(self, name: str) -> str:
        return f"There is no {self.label.lower()} “{name}” here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_Options):
    """One of several options.

    Attributes:
        look: Segments side by side for few, a list that opens for many, a slider for an order.
    """

    look: Look = "segments"

    def find_default(self, at: Any) -> Any:
        found = evaluate(self.default, at)
        return next(iter(self.list_titles(at))) if found is None else found

    def accepts(self, value: Any, at: Any) -> bool:
        return value in list(self.list_titles(at))

    def show(self, at: Any, **look: Any) -> None:
        titles = self.list_titles(at)
        options, held = list(titles), _find_held(look)
        common = {"label": self.label, "options": options, "help": self.help} | look
        common["format_func"] = lambda option: titles.get(option, str(option))
        if self.look == "list":
            st.selectbox(**common, index=options.index(held))
        elif self.look == "slider":
            st.select_slider(**common, value=held)
        else:
            st.segmented_control(**common, default=held, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Several(_Options):
    """At most `most` of many options, in the order they were chosen; a tuple."""

    most: int

    def accepts(self, value: Any, at: Any) -> bool:
        options = self.list_titles(at)
        return len(value) <= self.most and all(each in options for each in value)

    def parse(self, text: str, at: Any) -> tuple[str, ...]:
        parts = filter(None, text.split("~"))
        found = tuple(dict.fromkeys(_Options.parse(self, part, at) for part in parts))
        if len(found) > self.most:
            raise AddressError(f"{self.label}: at most {self.most} can be chosen")
        return found

    def _refuse(self, name: str) -> str:
        return f"{self.label}: there is no “{name}” here"

    def write(self, value: Any) -> str:
        return "~".join(value)

    def to_widget(self, value: Any, at: Any) -> Any:
        return list(value)

    def from_widget(self, held: Any, at: Any) -> Any:
        return tuple(held)

    def show(self, at: Any, **look: Any) -> None:
        titles = self.list_titles(at)
        st.multiselect(
            self.label if self.most >= len(titles) else f"{self.label}, at most {self.most}",
            list(titles),
            format_func=lambda option: titles.get(option, option),
            max_selections=self.most,
            default=_find_held(look),
            help=self.help,
            **look,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Control):
    """A whole or decimal number between two bounds, which belong to it."""

    low: OrFunction
    high: OrFunction
    step: OrFunction = 1
    look: Literal["slider", "box"] = "slider"
    pattern: str | None = None

    def find_bounds(self, at: Any) -> tuple[Any, Any]:
        """Return the least and the largest value."""
        return evaluate(self.low, at), evaluate(self.high, at)

    def find_default(self, at: Any) -> Any:
        low, high = self.find_bounds(at)
        found = evaluate(self.default, at)
        return low if found is None else min(max(found, low), high)

    def accepts(self, value: Any, at: Any) -> bool:
        low, high = self.find_bounds(at)
        return bool(low <= value <= high)

    def parse(self, text: str, at: Any) -> Any:
        low, high = self.find_bounds(at)
        whole = isinstance(low, int) and isinstance(evaluate(self.step, at), int)
        kind = "a whole number" if whole else "a number"
        with suppress(ValueError):
            value = (int if whole else float)(text[:20])
            if low <= value <= high:
                return value
        raise self.refuse(text, f"; give {kind} from {low} to {high}")

    def write(self, value: Any) -> str:
        return f"{value:.10g}" if isinstance(value, float) else str(value)

    def show(self, at: Any, **look: Any) -> None:
        low, high = self.find_bounds(at)
        look |= {"min_value": low, "max_value": high, "step": evaluate(self.step, at)}
        look |= {"value": _find_held(look), "help": self.help}
        if self.look == "box":
            st.number_input(self.label, **look, format=self.pattern)
        elif low < high:
            thousands = "localized" if high >= 1000 else None
            st.slider(self.label, **look, format=self.pattern or thousands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Control):
    """On or off."""

    def accepts(self, value: Any, at: Any) -> bool:
        return isinstance(value, bool)

    def parse(self, text: str, at: Any) -> bool:
        known = {"1": True, "0": False, "true": True, "false": False, "on": True, "off": False}
        if text.lower() not in known:
            raise self.refuse(text, "; it is 1 or 0")
        return known[text.lower()]

    def write(self, value: Any) -> str:
        return str(int(value))

    def show(self, at: Any, **look: Any) -> None:
        st.toggle(self.label, value=_find_held(look), help=self.help, **look)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded(Control):
    """A value that a page's own figure or editor sets: a cell, strokes, a stack of layers.

    Attributes:
        decode: Reads it from an address; raises a ValueError or a CNNVizError for nonsense.
        encode: Writes it for an address.
        is_valid: Says of a value and `at` whether it is possible now.
    """

    decode: Callable[[str], Any]
    encode: Callable[[Any], str]
    is_valid: Callable[[Any, Any], bool] = field(default=lambda value, at: True)  # noqa: ARG005

    def accepts(self, value: Any, at: Any) -> bool:
        return self.is_valid(value, at)

    def parse(self, text: str, at: Any) -> Any:
        try:
            value = self.decode(text)
        except Exception as error:  # a page's decoder meets whatever people write
            raise self.refuse(text) from error
        if not self.is_valid(value, at):
            raise self.refuse(text, " here")
        return value

    def write(self, value: Any) -> str:
        return self.encode(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Control):
    """A short text of the visitor's."""

    longest: int = 200

    def accepts(self, value: Any, at: Any) -> bool:
        return isinstance(value, str) and len(value) <= self.longest

    def parse(self, text: str, at: Any) -> str:
        if not self.accepts(text, at):
            raise AddressError(f"{self.label} has more than {self.longest} characters")
        return text

    def show(self, at: Any, **look: Any) -> None:
        st.text_input(self.label, max_chars=self.longest, help=self.help, **look)


def declare(control: Control) -> Any:
    """Declare a field of a page's controls."""
    return field(metadata={"control": control})


def choice(options: OrFunction, label: str, **rest: Any) -> Any:
    """Declare one of several options; see `Choice`."""
    return declare(Choice(options=options, label=label, **rest))


def several(options: OrFunction, label: str, *, most: int, **rest: Any) -> Any:
    """Declare several of many options; see `Several`."""
    return declare(Several(options=options, label=label, most=most, **rest))


def number(label: str, low: OrFunction, high: OrFunction, **rest: Any) -> Any:
    """Declare a number; see `Number`."""
    return declare(Number(label=label, low=low, high=high, **rest))


def flag(label: str, *, default: bool = False, **rest: Any) -> Any:
    """Declare an on or off; see `Flag`."""
    return declare(Flag(label=label, default=default, **rest))


def coded(
    label: str, *, decode: Callable[[str], Any], encode: Callable[[Any], str], **rest: Any
) -> Any:
    """Declare a value that a page's own figure or editor sets; see `Coded`."""
    return declare(Coded(label=label, decode=decode, encode=encode, **rest))


def text(label: str, *, default: str = "", **rest: Any) -> Any:
    """Declare a short text; see `Text`."""
    return declare(Text(label=label, default=default, **rest))
