"""One owner for every value: a page's controls, declared once as a frozen dataclass.

    @dataclass(frozen=True)
    class Controls:
        layer: str = inside.layer()
        order: MapOrder = kinds.choice(MapOrder, "Order")

    page = begin_page("activations", Controls, ...)    # web.page
    page.values.layer                                  # known before any widget is drawn
    page.draw("layer", "order")                        # widgets, wherever they belong

The values live in the session under the page's name, not in widgets: a widget's content is lost
when its page is left, and two pages whose widgets share a key change each other. A value that
nobody chose is not kept, so that it follows what it depends on. The fields are resolved in the
order of their declaration, each against `at`: the workbench and the fields before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from types import SimpleNamespace
from typing import Any, Generic, Literal, TypeVar, cast

import streamlit as st

from cnnviz.lessons import fill_words, find_help, load_lesson
from cnnviz.web.controls.kinds import AddressError, Control

Controls = TypeVar("Controls")

_STORE = "cnnviz_values"
_NOTHING = object()
_DECLARED: dict[str, type[Any]] = {}
BENCH = "bench"


@dataclass(frozen=True, slots=True)
class FromAddress:
    """A value as an address writes it, not read yet."""

    text: str


def find_store(page: str) -> dict[str, Any]:
    """Return what this visitor has chosen on a page, by field; what is missing has its default."""
    store: dict[str, dict[str, Any]] = st.session_state.setdefault(_STORE, {})
    return store.setdefault(page, {})


def list_controls(declared: type[Any]) -> dict[str, Control]:
    """Return the controls of a declaration by the name of their field."""
    entries: tuple[Field[Any], ...] = fields(declared)
    return {entry.name: cast(Control, entry.metadata["control"]) for entry in entries}


def take_address(page: str, declared: type[Any], address: Mapping[str, str]) -> None:
    """Put what an address says into the store; what it does not name stays as it is."""
    store, controls = find_store(page), list_controls(declared)
    told = {name: text for name, text in address.items() if name in controls}
    changed = [  # what is not there, not read yet, or written otherwise
        name
        for name, text in told.items()
        if isinstance(store.get(name, FromAddress("")), FromAddress)
        or controls[name].write(store[name]) != text
    ]
    for name in changed:
        _forget(page, name)
    # Forgetting what follows a changed value may have taken another one that the address tells.
    read = [name for name in told if name in changed or name not in store]
    store.update({name: FromAddress(told[name]) for name in read})


def keep(page: str, **values: Any) -> None:
    """Keep values that a visitor chose; fields that follow one that changed are forgotten."""
    store = find_store(page)
    changed = [name for name, value in values.items() if store.get(name, _NOTHING) != value]
    for name in changed:
        _forget(page, name)
    store.update(values)


def _forget(page: str, changed: str) -> None:
    """Forget a value, and those that follow it: on its own page, of the workbench on all pages."""
    find_store(page).pop(changed, None)
    pages = list(_DECLARED) if page == BENCH else [page]
    for one in pages:
        declared = _DECLARED.get(one)
        for name, control in (list_controls(declared) if declared else {}).items():
            if changed in control.follows and name in find_store(one):
                _forget(one, name)


def resolve(page: str, declared: type[Controls], at: SimpleNamespace) -> tuple[Controls, list[str]]:
    """Find the value of each field, and one sentence for each that an address has wrong.

    Args:
        page: Whose store to look in.
        declared: The declaration.
        at: What the fields depend on; each field is added to it once it has its value.

    Returns:
        The declaration's instance, and the sentences.
    """
    _DECLARED[page] = declared
    store, problems = find_store(page), []
    for name, control in list_controls(declared).items():
        held = store.get(name, _NOTHING)
        if isinstance(held, FromAddress):
            try:
                held = store[name] = control.parse(held.text, at)
            except AddressError as error:
                del store[name]
                held = _NOTHING
                problems.append(f"{error}. The usual value is shown.")
        value = held
        if held is _NOTHING or not control.accepts(held, at):
            value = control.find_default(at)
        setattr(at, name, value)
    return declared(**{entry: getattr(at, entry) for entry in list_controls(declared)}), problems


@dataclass(slots=True, eq=False)
class PageState(Generic[Controls]):
    """The values of one page in one run.

    Attributes:
        page: The page's name.
        values: Every control's value.
        at: The same, with the workbench.
        marks: What is chosen in each figure of the page, by the figure's key.
    """

    page: str
    values: Controls
    at: SimpleNamespace
    marks: dict[str, str | int | None] = field(default_factory=dict)

    def draw(self, *names: str, **look: Any) -> None:
        """Draw the widgets of these fields where the page is now.

        Args:
            names: Fields of the page.
            look: Further arguments of the widgets, such as width or label_visibility.
        """
        controls = list_controls(type(self.values))
        for name in names:
            draw_control(self.page, name, controls[name], self.at, **look)

    def draw_row(self, *names: str, widths: Sequence[int] = ()) -> None:
        """Draw the widgets of these fields side by side.

        Args:
            names: Fields of the page.
            widths: Of their columns, relative; all alike where none is given.
        """
        for name, column in zip(names, st.columns(widths or len(names)), strict=True):
            with column:
                self.draw(name)

    def draw_presets(
        self,
        kind: str,
        presets: Mapping[str, Mapping[str, Any]],
        *,
        width: Literal["stretch", "content"] = "stretch",
    ) -> None:
        """Draw a button for each preset, which applies its values.

        Args:
            kind: What the presets are of, for the buttons' keys.
            presets: Values by field, by the title on the button.
            width: Of the buttons.
        """
        for title, values in presets.items():
            key = f"{self.page}.{kind}.{title}"
            st.button(title, key=key, on_click=self.apply, kwargs=dict(values), width=width)

    def text(self, name: str, **words: object) -> str:
        """Return one of the texts of the page's lesson, filled with its words."""
        return fill_words(load_lesson(self.page).texts[name], words)

    def keep(self, **values: Any) -> None:
        """Keep what the visitor chose in a figure; called in its callback, before the rerun."""
        keep(self.page, **values)

    def renew(self) -> None:
        """Find the values anew; called in a callback that reads them.

        What the visitor has changed since the page was drawn comes in the same rerun as the click,
        or in one that the click has cut short.
        """
        self.values, _ = resolve(self.page, type(self.values), self.at)

    def step(self, name: str, options: Sequence[Any], by: int, *, is_ring: bool = False) -> None:
        """Go from a field's value to its neighbour: what arrow keys do in presenter mode.

        Args:
            name: The field.
            options: Its values, in their order; a value that is not among them stays.
            by: 1 or −1.
            is_ring: Whether the first follows the last.
        """
        if getattr(self.values, name) not in options:
            return
        place = options.index(getattr(self.values, name)) + by
        if is_ring:
            place %= len(options)
        if 0 <= place < len(options):
            self.keep(**{name: options[place]})

    def apply(self, **values: Any) -> None:
        """Keep values as one step of the visitor's, which Back takes back: a preset, a task.

        Names of the workbench's fields (image, network, target) are set there.
        """
        bench = _DECLARED.get(BENCH)
        shared = set() if bench is None else set(list_controls(bench)) - set(self._names())
        keep(BENCH, **{name: value for name, value in values.items() if name in shared})
        keep(self.page, **{name: value for name, value in values.items() if name not in shared})
        note_step()

    def _names(self) -> list[str]:
        return list(list_controls(type(self.values)))

    def write_address(self) -> dict[str, str]:
        """Return every value as an address writes it, by field."""
        return write_values(self.values)

    def make_key(self, *names: str) -> tuple[Any, ...]:
        """Return the values of these fields (all, where none is named) as a cache's key."""
        return tuple(getattr(self.values, name) for name in names or self._names())


def write_values(values: Any) -> dict[str, str]:
    """Return the values of a declaration as an address writes them, by field."""
    controls = list_controls(type(values))
    return {name: one.write(getattr(values, name)) for name, one in controls.items()}


_STEPS = "cnnviz_steps"


def note_step() -> None:
    """Have the next address be an entry of its own in the browser's history."""
    st.session_state[_STEPS] = count_steps() + 1


def count_steps() -> int:
    """Return how many steps of this visit have an entry of their own."""
    return int(st.session_state.get(_STEPS, 0))


def draw_control(page: str, name: str, control: Control, at: Any, **look: Any) -> None:
    """Draw one control's widget; what a visitor does to it is kept before the next run."""
    key = f"{page}.{name}"
    control = replace(control, help=control.help or find_help(page, name))
    held = control.to_widget(getattr(at, name), at)
    if key not in st.session_state or st.session_state[key] != held:
        st.session_state[key] = held
    control.show(at, key=key, on_change=_take_widget, args=(page, name, control, at), **look)


def _take_widget(page: str, name: str, control: Control, at: Any) -> None:
    # A run that another page's took the place of may have taken the widget away already.
    held = st.session_state.get(f"{page}.{name}")
    if held is not None:
        keep(page, **{name: control.from_widget(held, at)})
