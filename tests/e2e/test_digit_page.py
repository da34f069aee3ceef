"""The digit page in a real browser: drawn on by mouse, finger and keyboard."""

import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from cnnviz.activations.cells import explain_cell
from cnnviz.digits.mnist import Stroke, rasterize_strokes, sample_digits, to_input
from cnnviz.networks.load import load_model
from tests.e2e.conftest import OpenPage, go_to
from tests.e2e.digit_pad import check_guess, component, draw, open_digit, pad, settle, stage
from tests.e2e.patience import expect
from tests.running_app import wait_until_it_fits

PEN = 0.09
GROUNDS: dict[Literal["light", "dark"], list[int]]
GROUNDS = {"light": [252, 251, 248], "dark": [18, 21, 28]}


def test_a_visit(open_page: OpenPage) -> None:
    page = open_digit(open_page, "?drawing=digit-5&values=raw")
    check_a_sample_is_worked_out_spoken_saved_cleared_and_brought_back(page)
    check_a_drawing_takes_the_samples_place_and_survives_another_page(page)
    check_digits_are_drawn_by_mouse_and_cells_found_by_keys(page)
    check_pen_and_values_redraw_the_same_drawing(page)
    check_a_tablet_and_both_themes(page)


def check_digits_are_drawn_by_mouse_and_cells_found_by_keys(page: Page) -> None:
    check_a_drawn_digit_is_read(page)
    check_one_of_two_digits_is_kept(page)
    check_answers_while_the_pen_is_down(page)
    check_one_request_at_a_time(page)
    check_problems_are_told(page)
    check_arrow_keys(page)
    check_a_click_pins_and_escape_lets_go(page)


def check_a_drawn_digit_is_read(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    draw(page, sample_digits()[8])
    check_guess(page, "8")


def check_one_of_two_digits_is_kept(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    draw(page, squeeze(sample_digits()[1], left=0.02))
    draw(page, squeeze(sample_digits()[5], left=0.52))
    keep = page.get_by_role("button", name="Keep digit 2")
    expect(page.get_by_role("button", name=re.compile("Keep digit"))).to_have_count(2)
    keep.click()
    expect(keep).to_be_hidden()
    check_guess(page, "5")
    # The page below explains what was kept, and so does the address.
    expect(page.get_by_text("answers this 5 most")).to_be_visible()


def squeeze(strokes: tuple[Stroke, ...], *, left: float) -> tuple[Stroke, ...]:
    """Draw a digit within nearly half of the pad's width and height."""
    return tuple(tuple((left + 0.46 * x, 0.27 + 0.46 * y) for x, y in one) for one in strokes)


def check_answers_while_the_pen_is_down(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    check_guess(page, "")
    painted = int(component(page).get_attribute("data-painted") or 0)
    box = pad(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 30)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 60 + step, box["y"] + 30 + 6 * step)
        page.wait_for_timeout(30)
    settle(page)
    expect(component(page)).not_to_have_attribute("data-guess", "")
    assert int(component(page).get_attribute("data-painted") or 0) >= painted + 5
    page.mouse.up()


def check_one_request_at_a_time(page: Page) -> None:
    """And the newest drawing wins."""
    page.get_by_role("button", name="Clear").click()
    settle(page)
    page.evaluate(
        """() => {
            window.watched = { under: 0, most: 0, last: "" };
            const real = window.fetch;
            window.fetch = async (url, options) => {
                if (!String(url).endsWith("api/digit")) return real(url, options);
                watched.under += 1;
                watched.most = Math.max(watched.most, watched.under);
                watched.last = options.body;
                await new Promise((resolve) => setTimeout(resolve, 60));
                try { return await real(url, options); } finally { watched.under -= 1; }
            };
        }"""
    )
    draw(page, sample_digits()[3])
    page.wait_for_function(
        """(end) => {
            const [x, y] = JSON.parse(watched.last).strokes.at(-1).at(-1);
            return watched.under === 0 && Math.hypot(x - end[0], y - end[1]) < 0.01;
        }""",
        arg=sample_digits()[3][0][-1],
    )
    assert page.evaluate("watched.most") == 1


def test_a_finger_taps_a_cell_and_draws_on_a_phone(open_page: OpenPage) -> None:
    page = open_digit(open_page, "?drawing=digit-4", width=390, height=844, touch=True)
    check_a_tap(page)
    page.get_by_role("button", name="Clear").tap()
    check_guess(page, "")
    pad(page).scroll_into_view_if_needed()
    check_a_finger_draws(page)


def check_a_tap(page: Page) -> None:
    stage(page, "s4").tap(position={"x": 20, "y": 20})
    shown = cell_under_inspection(page)
    value = shown.pop("value")
    x = to_input(rasterize_strokes(sample_digits()[4], pen=PEN))
    expected = explain_cell(load_model("lenet5"), x, layer="s4", **shown)
    assert value == pytest.approx(expected.value, abs=1e-5)


def check_a_finger_draws(page: Page) -> None:
    """And the page stays where it is."""
    box = pad(page).bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    (stroke,) = sample_digits()[3]
    kinds = ["touchStart"] + ["touchMove"] * (len(stroke) - 1)
    for kind, (x, y) in zip(kinds, stroke, strict=True):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    check_guess(page, "3")
    assert pad(page).bounding_box() == box
    assert box["y"] + box["height"] <= 844


def cell_under_inspection(page: Page) -> dict[str, Any]:
    """Map, row and column from the inspector's heading, and the value it shows."""
    inspector = page.locator(".inspector")
    expect(inspector).to_have_attribute("data-value", re.compile("."))
    heading = inspector.locator("h3").inner_text()
    found = re.search(r"(?:map|cell|Output) (\d+)(?:, row (\d+), column (\d+))?", heading)
    assert found is not None, heading
    channel, row, column = (int(number or 0) for number in found.groups())
    value = float(inspector.get_attribute("data-value") or "nan")
    return {"channel": channel, "row": row, "column": column, "value": value}


def check_a_sample_is_worked_out_spoken_saved_cleared_and_brought_back(page: Page) -> None:
    check_cells_under_the_mouse(page)
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("after ReLU", exact=True).click()
    page.keyboard.press("Escape")
    settle(page)
    check_arithmetic_of_a_convolution(page)
    check_spoken(page)
    check_downloads(page)
    check_undo(page)


def check_cells_under_the_mouse(page: Page) -> None:
    model = load_model("lenet5")
    x = to_input(rasterize_strokes(sample_digits()[5], pen=PEN))
    # Outlined: every map the cell reads from, on the way down to the input; C5 as a whole.
    patches = {"c1": 1, "s2": 2, "c3": 6 + 6 + 1, "s4": 1 + 6 + 6 + 1, "f6": 1 + 16 + 16 + 13}
    for layer, count in patches.items():
        stage(page, layer).hover(position={"x": 21, "y": 101})
        title = model.graph.find(layer).title
        expect(page.locator(".inspector h3")).to_contain_text(title)
        shown = cell_under_inspection(page)
        value = shown.pop("value")
        expected = explain_cell(model, x, layer=layer, **shown)
        assert value == pytest.approx(expected.value, abs=1e-5)
        check_arithmetic_is_on_the_screen(page)
        expect(page.locator(".marks .cell")).to_have_count(1)
        expect(page.locator(".marks .patch")).to_have_count(count)


def check_arithmetic_is_on_the_screen(page: Page) -> None:
    """Whole, without scrolling, below the cell that is pointed at."""
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
    box = page.locator(".inspector").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 800


def check_arithmetic_of_a_convolution(page: Page) -> None:
    """It is the server's."""
    stage(page, "c3").hover(position={"x": 21, "y": 101})
    expect(page.locator(".inspector h3")).to_contain_text("C3")
    shown = cell_under_inspection(page)
    shown.pop("value")
    x = to_input(rasterize_strokes(sample_digits()[5], pen=PEN))
    expected = explain_cell(load_model("lenet5"), x, layer="c3", **shown)
    page.locator(".partial").nth(4).click()
    expect(page.locator(".partial").nth(4)).to_have_attribute("aria-pressed", "true")
    grids = page.locator(".numbers")
    expect(grids).to_have_count(3)
    assert expected.weights is not None
    products = expected.inputs * expected.weights
    for place, numbers in enumerate((expected.inputs, expected.weights, products)):
        texts = grids.nth(place).locator("span").all_inner_texts()
        read = [float(text.replace("−", "-")) for text in texts]
        assert read == pytest.approx(numbers[4].flatten().tolist(), abs=0.0051)
    sums = [text.replace("−", "-") for text in page.locator(".partial b").all_inner_texts()]
    assert [float(text) for text in sums] == pytest.approx(
        products.sum(dim=(1, 2)).tolist(), abs=0.0051
    )
    after = page.locator(".result b").inner_text()
    assert float(after) == pytest.approx(max(0.0, expected.value), abs=0.0051)


def check_a_click_pins_and_escape_lets_go(page: Page) -> None:
    stage(page, "c1").click(position={"x": 20, "y": 20})
    heading = page.locator(".inspector h3")
    expect(heading).to_contain_text("C1")
    expect(page.locator(".inspector .pin")).to_have_text("pinned")
    pinned = heading.inner_text()
    stage(page, "c3").hover(position={"x": 20, "y": 20})
    page.wait_for_timeout(300)
    assert heading.inner_text() == pinned
    page.keyboard.press("Escape")
    expect(heading).to_have_count(0)


def check_arrow_keys(page: Page) -> None:
    stage(page, "c1").focus()
    heading = page.locator(".inspector h3")
    page.keyboard.press("ArrowRight")
    expect(heading).to_have_text("C1, map 0, row 0, column 1")
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text("C1, map 0, row 1, column 1")
    expect(page.locator(".cell-spoken")).to_have_text(
        re.compile(r"C1, map 0, row 1, column 1: −?\d+\.\d{3}")
    )
    stage(page, "output").focus()
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text("Output 1")


def check_undo(page: Page) -> None:
    undo, clear = (page.get_by_role("button", name=name) for name in ("Undo", "Clear"))
    expect(undo).to_be_disabled()
    clear.click()
    check_guess(page, "")
    expect(clear).to_be_disabled()
    undo.click()
    check_guess(page, "5")
    pad(page).focus()
    page.keyboard.press("Delete")
    check_guess(page, "")
    page.keyboard.press("Control+z")
    check_guess(page, "5")
    expect(undo).to_be_disabled()


def check_spoken(page: Page) -> None:
    spoken = page.locator(".guess-spoken")
    expect(spoken).to_have_attribute("aria-live", "polite")
    expect(spoken).to_have_text(re.compile(r"The network sees a 5, \d+ percent; second guess \d\."))
    for control in (pad(page), *(stage(page, name) for name in ("input", "c3", "output"))):
        assert control.get_attribute("aria-label")


def check_a_drawing_takes_the_samples_place_and_survives_another_page(page: Page) -> None:
    go_to(page, "/digit?drawing=digit-5")
    expect(page.get_by_text("answers this 5 most")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Draw a digit, or choose a sample")).to_be_visible()
    draw(page, sample_digits()[3])
    expect(page.get_by_text("answers this 3 most")).to_be_visible()
    # The explanation's rerun has left the pad alone.
    check_guess(page, "3")
    page.wait_for_url("**drawing=drawing.*")
    page.reload()
    page.locator('[data-painted]:not([data-painted="0"])').wait_for(state="attached")
    check_guess(page, "3")
    navigation = page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name="Home").click()
    expect(component(page)).to_have_count(0)
    navigation.get_by_role("link", name="Draw a digit").click()
    page.locator('[data-painted]:not([data-painted="0"])').wait_for(state="attached")
    # What lies on the pad is what the page below explains.
    check_guess(page, "3")
    expect(page.get_by_text("answers this 3 most")).to_be_visible()
    # The same sample can be chosen again.
    page.get_by_role("radio", name="5").click()
    expect(page.get_by_text("answers this 5 most")).to_be_visible()
    check_guess(page, "5")


def check_pen_and_values_redraw_the_same_drawing(page: Page) -> None:
    go_to(page, "/digit?drawing=digit-3&pen=20&layers=Input~C3")
    check_guess(page, "3")
    stages = page.locator("figure.stage")
    expect(stages).to_have_count(2)
    assert [part.get_attribute("data-stage") for part in stages.all()] == ["input", "c3"]
    page.evaluate(
        "() => { window.sent = []; const real = window.fetch;"
        "window.fetch = (url, options) => { if (String(url).endsWith('api/digit'))"
        " sent.push(JSON.parse(options.body)); return real(url, options); }; }"
    )
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("raw", exact=True).click()
    page.wait_for_function("window.sent.length > 0")
    sent = page.evaluate("window.sent[0]")
    assert sent["pen"] == pytest.approx(0.2)
    assert sent["layers"] == ["input", "c3"]
    assert len(sent["strokes"][0]) == len(sample_digits()[3][0])
    check_guess(page, "3")
    page.keyboard.press("Escape")


def check_problems_are_told(page: Page) -> None:
    """And the next stroke tries again."""
    problem = page.locator(".problem")
    refused = """new Response('{"error": "The pen is too wide."}', {status: 400})"""
    for answer, sentence in (
        (refused, "The pen is too wide."),
        ("Promise.reject(new TypeError('gone'))", "The server does not answer."),
        ("new Response('<html>', {status: 502})", "The server does not answer."),
    ):
        page.evaluate(
            f"() => {{ window.real = window.fetch; window.fetch = async () => {answer}; }}"
        )
        draw(page, (((0.2, 0.2), (0.3, 0.3)),))
        expect(problem).to_contain_text(sentence)
        page.evaluate("() => { window.fetch = window.real; }")
        draw(page, (((0.3, 0.3), (0.4, 0.3)),))
        expect(problem).to_be_hidden()


def check_a_tablet_and_both_themes(page: Page) -> None:
    page.set_viewport_size({"width": 768, "height": 844})
    wait_until_it_fits(page)
    # Bare paper has the page's own ground, as the theme says.
    for theme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(
            """([canvas, ground]) => canvas.getContext('2d').getImageData(4, 4, 1, 1).data
                .slice(0, 3).join() === ground.join()""",
            arg=[page.locator('[data-stage="input"] canvas').element_handle(), ground],
        )


def check_downloads(page: Page) -> None:
    with page.expect_download() as picture:
        page.get_by_text("Image as PNG").click()
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as numbers:
        page.get_by_text("Activations as CSV").click()
    assert numbers.value.path().read_text(encoding="utf-8").startswith("layer,channel,row,column")
