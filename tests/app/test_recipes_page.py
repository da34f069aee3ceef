"""The page of training recipes, run without a browser."""

import pytest

from tests.app.opened import finish_result, open_page, text_of


def test_it_opens_on_recipes_side_by_side() -> None:
    app = open_page("recipes")
    table = app.table[0].value
    assert list(table.columns) == [
        "",
        "AlexNet (2012)",
        "ResNet (2015)",
        "ResNet-RS-200 (2021)",
        "ResNet-34, ours",
    ]
    app.number_input(key="recipes.question.training").set_value(3.2).run()
    assert app.success[0].value == "Yes: 3.2."


def test_a_step_of_the_ladder_is_explained() -> None:
    assert "moving average" in text_of(open_page("recipes", part="ladder", step="EMA"))


def test_both_searches_run_on_a_click_and_a_network_is_chosen() -> None:
    app = open_page("recipes", part="search", trials="5", updates="10", network="3")
    app.button(key="job_start:recipes.search").click().run()
    app = finish_result(app, slot="recipes.search")
    assert "Network 3, by controller" in text_of(app)
    assert len(app.dataframe[0].value) == 10


@pytest.mark.parametrize(("phi", "told"), [("1", "1.92^{1} = 1.92"), ("2", "1.92^{2} = 3.69")])
def test_factors_are_scaled_together(phi: str, told: str) -> None:
    app = open_page("recipes", part="scaling", phi=phi)
    assert told in text_of(app)
    assert len(app.table) == 1


def test_a_wrong_address_is_told() -> None:
    app = open_page("recipes", part="scaling", phi="9", step="magic")
    assert len(app.warning) == 2
