"""What is chosen in the page's pictures, told to them apart from their data.

A sheet of maps is up to a megabyte. If it carried which map is chosen, it would be sent again at
every click; so it does not, and this small message does.
"""

from cnnviz.web.components.bundle import create_component

_choices = create_component("choices")


def send_choices(**choices: str | int | None) -> None:
    """Tell each figure of the page which of its parts is chosen, by the figure's key."""
    _choices.show(choices, key=f"choices {' '.join(choices)}")
