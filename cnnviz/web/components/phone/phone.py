"""What a student's phone shows: the teacher's question, a pad, or the teacher's page."""

from dataclasses import dataclass

from cnnviz.web.components.bundle import Take, create_component

_phone = create_component("phone")


@dataclass(frozen=True, slots=True)
class Payload:
    """What the script reads; its type `Payload` says of each field what it is."""

    code: str
    pen: float


def show_phone(code: str, *, pen: float, key: str, on_code: Take) -> None:
    """Let the phone follow the class of a code; `on_code` is called with one that is typed."""
    _phone.show(Payload(code=code, pen=pen), key=key, typed=on_code)
