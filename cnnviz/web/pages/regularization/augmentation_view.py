"""Augmentation: what a network says of transformed images, and two networks that learn."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from cnnviz.cached import get_augmented
from cnnviz.figures.format import format_number, format_percent, format_probability
from cnnviz.figures.regularization import TRANSFORMS, draw_augmentation
from cnnviz.images.image import resize_for_view
from cnnviz.labs.augmentation import MIXING, Augmented, Race, Transform, race_augmentation
from cnnviz.web.charts import show_chart
from cnnviz.web.jobs import show_heavy
from cnnviz.web.made_images import show_images
from cnnviz.web.pages.regularization.controls import Page, list_partners

_TILE, _SMALL_TILE, _MAX_SIDE = 138, 112, 224
_SEEDS = 6  # of the chosen transform, beside the first


def _augment(
    page: Page, kinds: tuple[Transform | None, ...], seeds: tuple[int, ...]
) -> list[Augmented]:
    bench, values = page.at.bench, page.values
    return get_augmented(
        bench.network,
        bench.image,
        values.partner,
        kinds=kinds,
        seeds=seeds,
        strength=values.strength,
    )


def _show_tiles(
    page: Page,
    found: list[Augmented],
    names: list[str],
    *,
    key: str,
    side: int,
    on_pick: Callable[[int], object] | None = None,
) -> None:
    pixels = np.stack([resize_for_view(one.pixels, max_side=_MAX_SIDE) for one in found])
    notes = [format_probability(float(one.probabilities[one.best])) for one in found]
    lines = [page.at.bench.name_class(one.best) for one in found]
    show_images(pixels, names, notes, lines=lines, key=key, side=side, on_pick=on_pick)


def show_augmentation(page: Page) -> None:
    """Show the image after every transform, and what the network says of it."""
    values = page.values
    kinds: tuple[Transform | None, ...] = (None, *Transform)
    found = _augment(page, kinds, (values.seed,) * len(kinds))
    names = ["Original" if one is None else TRANSFORMS[one] for one in kinds]

    def pick(place: int) -> None:
        kind = kinds[place]
        if kind is not None:
            page.keep(transform=kind)

    page.marks["regularization.transforms"] = kinds.index(values.transform)
    key = "regularization.transforms"
    _show_tiles(page, found, names, key=key, side=_TILE, on_pick=pick)
    original = found[0].best
    kept = sum(one.best == original for one in found[1:])
    shares = {one.kind: format_percent(one.share) for one in found}
    st.markdown(
        page.text(
            "transforms",
            kept=kept,
            count=len(found) - 1,
            original=page.at.bench.name_class(original),
            partner=list_partners(page.at)[values.partner],
            mixup=shares[Transform.MIXUP],
            cutmix=shares[Transform.CUTMIX],
        )
    )


def show_seeds(page: Page) -> None:
    """Show the chosen transform with other random numbers."""
    values = page.values
    title = TRANSFORMS[values.transform]
    st.subheader(f"{title}, other seeds", anchor=False)
    seeds = tuple(range(values.seed + 1, values.seed + 1 + _SEEDS))
    original, *found = _augment(page, (None, *(values.transform,) * _SEEDS), (values.seed, *seeds))
    names = [
        f"λ {format_number(one.share)}" if one.kind in MIXING else f"Seed {seed}"
        for seed, one in zip(seeds, found, strict=True)
    ]
    _show_tiles(page, found, names, key="regularization.seeds", side=_SMALL_TILE)
    kept = sum(one.best == original.best for one in found)
    name = page.at.bench.name_class(original.best)
    st.caption(page.text("seeds", kept=kept, count=_SEEDS, original=name))


def show_race(page: Page) -> None:
    """Train two small networks on a click, one of them with augmentation."""
    st.subheader("Train with and without", anchor=False)
    page.draw("kinds")
    page.draw_row("race_strength", "race_count")
    values = page.values
    if not values.kinds:
        st.info(page.text("nothing"))
        return
    strength, count = values.race_strength, int(values.race_count)

    def draw(race: Race) -> None:
        plain, augmented = (format_percent(one[-1]) for one in race.test)
        alt = f"Accuracy on other writers' digits: {plain} without, {augmented} augmented."
        show_chart(draw_augmentation(race), key="regularization.race", alt=alt)
        st.caption(page.text("race", plain=plain, augmented=augmented, step=race.steps[-1]))

    show_heavy(
        "Training with and without augmentation",
        "~".join(values.kinds),
        strength,
        count,
        run=partial(race_augmentation, values.kinds, strength=strength, count=count),
        draw=draw,
        slot="regularization.race",
        start="Train both networks",
    )
