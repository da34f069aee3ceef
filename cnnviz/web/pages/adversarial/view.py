"""The adversarial page's stage: the attack on the image, its controls, and its formula."""

import streamlit as st

from cnnviz.attacks.craft import AdversarialImage, Images, Method
from cnnviz.attacks.pixel_space import save_as_file
from cnnviz.cache import estimate_bytes
from cnnviz.figures.attack import (
    draw_confidence,
    draw_triptych,
    list_top,
    pack_frame,
    write_sweep_csv,
)
from cnnviz.heavy import HeavyResult, find_result
from cnnviz.imaging import read_image, to_png
from cnnviz.web.chrome import declare_page
from cnnviz.web.components.attack.attack import show_sweep
from cnnviz.web.controls.image import keep_upload
from cnnviz.web.controls.strength import find_position
from cnnviz.web.files import offer_file
from cnnviz.web.jobs import show_result
from cnnviz.web.pages.adversarial.controls import AdversarialControls, Attack
from cnnviz.web.pages.adversarial.text import explain_image, write_formula
from cnnviz.web.sitemap import find_page
from cnnviz.web.state import PageState

FIGURE, _PARTIAL = "adversarial.attack", "adversarial.partial"
_SECONDS = 180.0
_OTHER_PAGES = ("activations", "attribution", "occlusion", "compare")


def show_attack(page: PageState[AdversarialControls], attack: Attack) -> Images | None:
    """Show the attack with a slider over its strengths; None while it is not whole."""
    heavy = HeavyResult(
        key=attack.make_key("sweep"),
        title=f"{attack.options.method} on {attack.model.spec.title}",
        run=attack.run,
        size=estimate_bytes,
        seconds=_SECONDS,
    )
    return show_result(
        heavy,
        draw=lambda images: _draw(page, attack, images, is_whole=bool(find_result(heavy.key))),
        slot="adversarial.sweep",
    )


def choose(epsilon: float | None, images: Images) -> int:
    """Return the place of the image whose strength is nearest to the chosen one."""
    strengths, fools = [one.strength for one in images], [one.fools for one in images]
    return find_position(epsilon, strengths=strengths, fools=fools)


def _draw(
    page: PageState[AdversarialControls], attack: Attack, images: Images, *, is_whole: bool
) -> None:
    chosen = choose(page.values.epsilon, images)
    # A whole result is told its choice apart from its data; one that still grows has none yet.
    key, start = (FIGURE, choose(None, images)) if is_whole else (_PARTIAL, chosen)
    height, width = attack.seen.shape[:2]
    show_sweep(
        attack.seen,
        [pack_frame(one, attack.classes) for one in images],
        top=list_top(images[0].clean, attack.classes),
        titles=("Image", "Change", "Adversarial example"),
        notes=(f"input of {attack.model.spec.title}, {width}×{height}", "8 bits, saved as PNG"),
        slider="Strength of the attack",
        start=start,
        key=key,
        on_move=lambda place: page.keep(epsilon=images[place].strength),
    )
    if is_whole:
        page.marks[FIGURE] = chosen


def step_strength(page: PageState[AdversarialControls], images: Images | None, by: int) -> None:
    """Go to the next strength, or to the one before."""
    if images:
        place = choose(page.values.epsilon, images) + by
        page.keep(epsilon=images[max(0, min(place, len(images) - 1))].strength)


def show_controls(page: PageState[AdversarialControls]) -> None:
    """Draw what changes the attack."""
    method = page.values.method
    page.draw("method", width="stretch")
    if method is not Method.LBFGS:
        page.draw("norm", width="stretch")
    page.draw("goal")
    if method is not Method.FGSM:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.draw("steps", width=120)
            if method is Method.PGD:
                page.draw("random")


def show_formula(attack: Attack, images: Images, chosen: int) -> None:
    """Write the attack as a formula, with this image's own numbers."""
    st.latex(write_formula(attack.options))
    st.markdown(explain_image(images[chosen], attack.classes))
    if not any(one.fools for one in images):
        st.caption("No strength reaches the target. Try PGD, more steps or another target class.")


def show_confidence(attack: Attack, images: Images, chosen: int) -> None:
    """Draw the probabilities over the strength."""
    st.subheader("Confidence and strength", anchor=False)
    st.plotly_chart(
        draw_confidence(images, attack.classes, chosen=chosen),
        key="adversarial.confidence",
        config={"displayModeBar": False},
        alt="Probability of the original class and of the new one against the attack's strength",
    )


def offer_files(attack: Attack, images: Images, image: AdversarialImage) -> None:
    """Offer the adversarial example, the figure and the curves as files."""
    stem = f"adversarial-{attack.model.spec.name}-{image.linf:.0f}"
    files = (
        ("Adversarial example as PNG", lambda: save_as_file(attack.model, image.pixels), ".png"),
        ("Figure as PNG", lambda: to_png(draw_triptych(image)), "-figure.png"),
        ("Curves as CSV", lambda: write_sweep_csv(images, attack.classes), ".csv"),
    )
    with st.container(horizontal=True):
        for label, make, ending in files:
            offer_file(label, make, f"{stem}{ending}")


def offer_pages(attack: Attack, image: AdversarialImage) -> None:
    """Offer to open the adversarial example on other pages, as an upload of this visit."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Open the adversarial example in", width="content")
        for url in _OTHER_PAGES:
            entry = find_page(url)
            if st.button(entry.title, key=f"adversarial.open.{url}", type="tertiary"):
                file = save_as_file(attack.model, image.pixels)
                value = keep_upload(read_image(file, name="adversarial example"))
                told = {"image": value, "network": attack.model.spec.name}
                st.switch_page(declare_page(entry), query_params=told)
