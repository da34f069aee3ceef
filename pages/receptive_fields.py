"""Receptive fields: which pixels one cell sees, in a network, a stack, or any architecture."""

from cnnviz.web.bench import Uses
from cnnviz.web.page import begin_page, end_page, stage
from cnnviz.web.pages.receptive_fields.controls import ReceptiveFieldsControls, View, find_row
from cnnviz.web.pages.receptive_fields.network_view import (
    show_architecture,
    show_network,
    show_network_rest,
)
from cnnviz.web.pages.receptive_fields.stack_view import show_stacks, show_sums

page = begin_page("receptive_fields", ReceptiveFieldsControls, uses=Uses())
row = find_row(page.at)
with stage():
    page.draw("view", label_visibility="collapsed")
    if page.values.view == View.NETWORK:
        show_network(page)
    elif page.values.view == View.STACK:
        stacks = show_stacks(page)
    else:
        show_architecture(page)
if page.values.view == View.NETWORK:
    show_network_rest(page)
elif page.values.view == View.STACK and stacks:
    show_sums(stacks)
end_page(
    page,
    words={"layer": row.title},
    answers={"field": float(row.field.size[0]), "jump": float(row.field.jump[0])},
    program={
        name.upper(): getattr(page.values, name) for name in ("stack", "size", "channels", "layer")
    },
)
