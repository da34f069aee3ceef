"""The four parts of the page: each has its figure, and beside it what changes it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from cnnviz.cached import get_architecture_costs, get_scaled_costs
from cnnviz.figures.format import format_count, format_number, format_percent, format_setting
from cnnviz.figures.recipes import (
    ACCURACIES,
    GROWING,
    LADDER,
    STEPS,
    STRATEGIES,
    Cells,
    draw_ladder,
    draw_policy,
    draw_scaling,
    draw_search,
    tabulate_recipes,
    tabulate_trials,
    write_own,
    write_published,
    write_scaled,
)
from cnnviz.figures.scaling_text import tabulate_scaling
from cnnviz.jobs.heavy import HeavyResult
from cnnviz.labs.architecture_search import (
    Controller,
    Search,
    Strategy,
    Trial,
    count_choices,
    search_architectures,
)
from cnnviz.labs.compound_scaling import Growing, Growth
from cnnviz.lessons import load_lesson
from cnnviz.networks.weights.files import read_cards
from cnnviz.networks.zoo import get_network
from cnnviz.networks.zoo.efficientnet_lite import SCALINGS, count_blocks
from cnnviz.networks.zoo.published_recipes import PUBLISHED_RECIPES
from cnnviz.training.history import find_histories
from cnnviz.web.charts import show_chart, show_table
from cnnviz.web.jobs import show_result
from cnnviz.web.page import link_to
from cnnviz.web.pages.recipes.controls import PHIS, Page, Part, list_titles
from cnnviz.web.pages.recipes.links import INGREDIENTS, LITE, STEP_LINKS, Link

_ARROW = ":material/arrow_outward:"
_SECONDS = 600.0
_TABLE = 280  # pixels


def show_part(page: Page) -> None:
    """Show the chosen part."""
    parts: dict[Part, Callable[[Page], None]] = {
        Part.RECIPES: _show_recipes,
        Part.LADDER: _show_ladder,
        Part.SEARCH: _show_search,
        Part.SCALING: _show_scaling,
    }
    page.draw("part", label_visibility="collapsed")
    parts[page.values.part](page)


def _link(label: str, link: Link) -> None:
    page, values = link
    link_to(page, label, icon=_ARROW, **values)


def list_recipes(page: Page) -> dict[str, Cells]:
    """Write the chosen recipes, by their titles."""
    published = {one.name: one for one in PUBLISHED_RECIPES}
    cards, titles = read_cards()[0], list_titles(page.at)
    histories, found = find_histories(cards), {}
    for name in page.values.recipes:
        found[titles[name]] = (
            write_published(published[name])
            if name in published
            else write_own(get_network(name), histories[name], cards[name])
        )
    return found


def _show_recipes(page: Page) -> None:
    figure, beside = st.columns([3, 1], gap="medium")
    with figure:
        st.table(tabulate_recipes(list_recipes(page)), alt="Training recipes side by side")
    with beside:
        page.draw("recipes")
        st.caption(page.text("effects"))
        for one, link in INGREDIENTS.items():
            _link(one, link)


def _show_ladder(page: Page) -> None:
    step = page.values.step
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("step")
        st.markdown(page.text(step))
        title = load_lesson(STEP_LINKS[step][0]).title
        _link(f"See it: {title}", STEP_LINKS[step])
    with figure:
        show_chart(
            draw_ladder(step),
            key="recipes.ladder",
            alt=f"Top-1 accuracy step by step: {LADDER.says}",
            on_pick=lambda name: page.keep(step=name) if name in STEP_LINKS else None,
        )
        st.caption(f"{page.text('colors')} {LADDER.says} {LADDER.source}.")


def _show_search(page: Page) -> None:
    figure, beside = st.columns([3, 1], gap="medium")
    drawn: list[Search | None] = []

    def draw(search: Search | None) -> None:
        drawn.append(search)
        with figure:
            _draw_search(page, search)

    with beside:
        page.draw("trials", "updates", "rate")
        page.draw_row("seed", "network")
        heavy = _request_search(page)
        found = show_result(heavy, draw=draw, slot="recipes.search", start="Search")
        if found is not None:
            _offer_network(page, found)
    if not drawn:  # nothing is tried yet
        draw(None)


def _request_search(page: Page) -> HeavyResult[Search]:
    values = page.values
    run = partial(
        search_architectures,
        trials=values.trials,
        updates=values.updates,
        rate=float(values.rate),
        seed=values.seed,
    )
    key = "/".join(map(str, page.make_key("trials", "updates", "rate", "seed")))
    return HeavyResult(key=f"search/{key}", title="Architecture search", run=run, seconds=_SECONDS)


def find_trial(page: Page, search: Search) -> Trial:
    """Return the chosen network; the most accurate one where none is, or it is not tried yet."""
    numbered = {one.number: one for one in search.trials}
    best = max(search.trials, key=lambda one: one.accuracy)
    return numbered.get(page.values.network, best)


def _draw_search(page: Page, search: Search | None) -> None:
    trial = None if search is None else find_trial(page, search)
    probabilities = Controller().find_probabilities() if search is None else search.probabilities

    def pick(number: object) -> None:
        if isinstance(number, int) and 0 < number <= 2 * page.values.trials:
            page.keep(network=number)

    chart, policy = st.columns(2, gap="medium")
    with chart:
        show_chart(
            draw_search(search, trials=page.values.trials, chosen=trial),
            key="recipes.tried",
            alt=_describe_search(search),
            on_pick=pick,
        )
    with policy:
        show_chart(
            draw_policy(probabilities),
            key="recipes.policy",
            alt="The controller's probability of each option of each decision.",
        )
    st.caption(page.text("policy", count=format_count(count_choices())))
    if search is not None:
        show_table(
            tabulate_trials(search),
            formats=dict.fromkeys(ACCURACIES, "%.1f"),
            max_height=_TABLE,
            key="recipes.ranking",
        )


def _describe_search(search: Search | None) -> str:
    if search is None:
        return "No network is tried yet."
    return "; ".join(
        f"{title}: best validation accuracy {format_percent(search.list_best(one)[-1])} after "
        f"{len(search.list_of(one))} networks"
        for one, title in STRATEGIES.items()
        if search.list_of(one)
    )


def _offer_network(page: Page, search: Search) -> None:
    trial = find_trial(page, search)
    st.markdown(
        page.text(
            "network",
            number=trial.number,
            by=STRATEGIES[trial.strategy].lower(),
            layers=trial.layers,
            parameters=format_count(trial.parameters),
            late=format_number(_find_late(search, Strategy.CONTROLLER)),
            random=format_number(_find_late(search, Strategy.RANDOM)),
        )
    )
    link_to("train", "Open in “Train a network”", icon=_ARROW, layers=trial.layers)


def _find_late(search: Search, strategy: Strategy) -> float:
    """Mean accuracy of the later half of a strategy's networks, in percent."""
    found = search.list_of(strategy)
    late = found[len(found) // 2 :]
    return 100 * sum(one.accuracy for one in late) / len(late)


def read_growth(page: Page) -> Growth:
    """Return the chosen factors."""
    values = page.values
    return Growth(phi=values.phi, alpha=values.alpha, beta=values.beta, gamma=values.gamma)


def _show_scaling(page: Page) -> None:
    growth = read_growth(page)
    figure, beside = st.columns([3, 1], gap="medium")
    with beside:
        page.draw("phi", "alpha", "beta", "gamma")
        product = Growth(phi=1, alpha=growth.alpha, beta=growth.beta, gamma=growth.gamma).promise()
        base, promise = format_number(product), format_number(growth.promise())
        st.latex(rf"\alpha\,\beta^2\gamma^2 = {base}")
        st.latex(rf"{base}^{{{format_setting(growth.phi)}}} = {promise}")
    factors = {one: growth.find_factors(one) for one in Growing}
    costs = {one: get_scaled_costs(each) for one, each in factors.items()}
    first = get_architecture_costs(SCALINGS[0].name, SCALINGS[0].side)
    promises = {one: growth.promise(one) for one in Growing}
    with figure:
        ends = "; ".join(
            f"{GROWING[one]}: promised {format_number(promises[one])} times, built "
            f"{format_number(table.multiply_adds / first.multiply_adds)}"
            for one, table in costs.items()
        )
        show_chart(draw_scaling(costs, promises, first=first), key="recipes.scaling", alt=ends)
        blocks = count_blocks(factors[Growing.TOGETHER])
        st.markdown(f"All three: {write_scaled(costs[Growing.TOGETHER], blocks=blocks)}.")
        st.caption(page.text("rounding"))


def show_members(page: Page) -> None:
    """Show EfficientNet-Lite's members, and where their accuracy is measured."""
    st.subheader("EfficientNet-Lite0, 1 and 2", anchor=False)
    tables = [get_architecture_costs(one.name, one.side) for one in SCALINGS]
    alt = "EfficientNet-Lite0, 1 and 2: factors, sizes, costs and published accuracy"
    st.table(tabulate_scaling(tables), width="content", alt=alt)
    st.caption(page.text("members"))
    link_to("evaluation", "Measure their accuracy on your images", icon=_ARROW, networks=LITE)


def show_sources(page: Page) -> None:
    """Name the sources of the published recipes that are shown."""
    shown = [one for one in PUBLISHED_RECIPES if one.name in page.values.recipes]
    st.caption(" ".join(f"**{one.title}:** {one.source}." for one in shown))


def step_part(page: Page, by: int) -> None:
    """Go to the next step of the ladder, network of the search, or factor; or to the one before."""
    values = page.values
    if values.part is Part.LADDER:
        page.step("step", STEPS, by)
    elif values.part is Part.SEARCH:
        page.step("network", range(2 * values.trials + 1), by)
    elif values.part is Part.SCALING:
        page.step("phi", PHIS, by)
