"""The adversarial page's stage: the attack on the image, its controls, and its formula."""

import streamlit as st

from cnnviz.adversarial.attack import Attack
from cnnviz.adversarial.craft import Images, Method
from cnnviz.adversarial.pixel_space import save_as_file
from cnnviz.figures import attack as figures
from cnnviz.figures.attack_text import explain_image, write_formula
from cnnviz.images.image import read_image, to_png, upscale_nearest
from cnnviz.jobs.heavy import HeavyResult, find_result
from cnnviz.web.charts import show_chart
from cnnviz.web.components.attack.attack import show_sweep
from cnnviz.web.controls.image import keep_upload
from cnnviz.web.files import offer_files
from cnnviz.web.jobs import show_result
from cnnviz.web.made_images import show_inline
from cnnviz.web.page import offer_way
from cnnviz.web.pages.adversarial.controls import Page

_FIGURE, _PARTIAL = "adversarial.attack", "adversarial.partial"
_SIDE = 256  # of the image that waits for the first result, in pixels
_OTHER_PAGES = ("activations", "attribution", "occlusion", "compare")


def show_attack(page: Page, attack: Attack) -> Images | None:
    """Show the attack with a slider over its strengths; None while it is not whole."""
    heavy = HeavyResult(
        key=attack.make_key("sweep"),
        title=f"{attack.options.method} on {attack.model.spec.title}",
        run=attack.run,
        seconds=180,
    )

    def draw(images: Images) -> None:
        chosen, is_whole = choose(page.values.epsilon, images), bool(find_result(heavy.key))
        height, width = attack.seen.shape[:2]
        show_sweep(
            attack.seen,
            [figures.pack_frame(one, attack.classes) for one in images],
            top=figures.list_top(images[0].clean, attack.classes),
            titles=("Image", "Change", "Adversarial example"),
            notes=(f"input of {attack.model.spec.title}, {width}×{height}", page.text("saved")),
            slider="Strength of the attack",
            # A whole result is told its choice apart from its data; a growing one has none yet.
            start=choose(None, images) if is_whole else chosen,
            key=_FIGURE if is_whole else _PARTIAL,
            on_move=lambda place: page.keep(epsilon=images[place].strength),
        )
        if is_whole:
            page.marks[_FIGURE] = chosen

    def show_original() -> None:
        large = upscale_nearest(attack.seen, min_size=_SIDE)
        with st.container(width=_SIDE, gap="xxsmall"):
            show_inline(large, words="Image")
            st.caption("Image")

    return show_result(heavy, draw=draw, slot="adversarial.sweep", meanwhile=show_original)


def choose(epsilon: float | None, images: Images) -> int:
    """Return the place of the image whose strength is nearest; None is the smallest that fools."""
    strengths, fools = [one.strength for one in images], [one.fools for one in images]
    return figures.find_position(epsilon, strengths=strengths, fools=fools)


def step_strength(page: Page, images: Images, by: int) -> None:
    """Go to the next strength, or to the one before."""
    place = choose(page.values.epsilon, images) + by
    page.keep(epsilon=images[max(0, min(place, len(images) - 1))].strength)


def show_controls(page: Page) -> None:
    """Draw what changes the attack."""
    method = page.values.method
    page.draw("method", *(["norm"] if method is not Method.LBFGS else []), width="stretch")
    page.draw("goal")
    if method is not Method.FGSM:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.draw("steps", width=120)
            if method is Method.PGD:
                page.draw("random")


def show_formula(page: Page, attack: Attack, images: Images, chosen: int) -> None:
    """Write the attack as a formula, with this image's own numbers."""
    st.latex(write_formula(attack.options))
    st.markdown(explain_image(images[chosen], attack.classes))
    if not any(one.fools for one in images):
        st.caption(page.text("unreached"))


def show_confidence(page: Page, attack: Attack, images: Images, chosen: int) -> None:
    """Draw the probabilities over the strength, and offer what is shown as files."""
    st.subheader("Confidence and strength", anchor=False)
    figure = figures.draw_confidence(images, attack.classes, chosen=chosen)
    show_chart(figure, key="adversarial.confidence", alt=page.text("confidence"))
    image, model = images[chosen], attack.model
    stem = f"adversarial-{model.spec.name}-{image.linf:.0f}"

    def write_curves() -> bytes:
        return figures.write_sweep_csv(images, attack.classes)

    offer_files(
        {
            "Adversarial example as PNG": (
                lambda: save_as_file(model, image.pixels),
                f"{stem}.png",
            ),
            "Figure as PNG": (lambda: to_png(figures.draw_triptych(image)), f"{stem}-figure.png"),
            "Curves as CSV": (write_curves, f"{stem}.csv"),
        }
    )


def offer_pages(page: Page, attack: Attack, images: Images) -> None:
    """Lead to the other pages on the adversarial example, as an upload of this visit."""

    def find_values() -> dict[str, str]:
        page.renew()
        image = images[choose(page.values.epsilon, images)]
        file = save_as_file(attack.model, image.pixels)
        value = keep_upload(read_image(file, name="adversarial example"))
        return {"image": value, "network": attack.model.spec.name}

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Open the adversarial example in", width="content")
        for url in _OTHER_PAGES:
            offer_way(page, url, find_values)
