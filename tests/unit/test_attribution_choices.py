"""How many steps integrated gradients take, and which two classes are asked about first."""

from dataclasses import replace

import pytest
import torch

from cnnviz.attribution.attribute import Method, Options, attribute
from cnnviz.attribution.checks.pointing import find_half
from cnnviz.attribution.checks.preparation import Mistake
from cnnviz.attribution.elsewhere import choose_pair, keep_half
from cnnviz.attribution.map_store import MapKey, shorten
from cnnviz.attribution.methods.completeness import integrate_until_complete
from cnnviz.attribution.passes import Passes, count_passes
from cnnviz.images.samples import load_sample
from cnnviz.networks.load import load_model, predict
from cnnviz.networks.weights.files import list_weights
from tests.home_made import Branchy, make_model, randomize
from tests.quick import KINDS, each
from tests.unit.test_attribution import Stripes, stripes_picture

LIGHT = [name for name in list_weights() if name.endswith("64") or name == "lenet5"]


# ResNet takes hundreds of steps, and fifteen seconds.
@pytest.mark.parametrize("name", each(LIGHT, KINDS - {"resnet64"}))
def test_every_bundled_network_is_complete_to_a_hundredth_by_default(name: str) -> None:
    """On a picture that says something: a hundredth of next to nothing is not to be had."""
    model = load_model(name)
    pixels = load_sample("dot" if name == "lenet5" else "rocket").pixels
    x = model.spec.preprocessing.prepare(pixels)
    target = predict(model, x).ranking[0]
    trials = integrate_until_complete(model, x, target=target)
    values = trials[-1].attribution.values
    with torch.no_grad():
        black = model.spec.preprocessing.prepare(0 * pixels)
        difference = float(model.module(x)[0, target] - model.module(black)[0, target])
    assert float(values.sum()) == pytest.approx(difference, rel=0.01)
    assert [trial.steps for trial in trials] == [50 * 2**at for at in range(len(trials))]
    assert all(trial.completeness.gap > 0.01 for trial in trials[:-1])


def test_the_steps_end_with_the_time_and_with_four_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(3))
    monkeypatch.setattr("cnnviz.attribution.methods.completeness.GAP", 0.0)
    late = integrate_until_complete(model, x, target=0, seconds=0)
    assert [trial.steps for trial in late] == [50]
    shares: list[float] = []
    trials = integrate_until_complete(model, x, target=0, report=shares.append)
    assert [trial.steps for trial in trials] == [50, 100, 200, 400]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_fewer_steps_are_further_off() -> None:
    model = make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    x = torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(3))
    (trial, *_) = integrate_until_complete(model, x, target=0, options=Options(steps=3))
    few = attribute(
        model, x, method=Method.INTEGRATED_GRADIENTS, target=0, options=Options(steps=3)
    )
    apart = abs(float(few.values.sum()) - trial.completeness.difference)
    assert apart > abs(trial.completeness.handed_out - trial.completeness.difference)


def test_the_second_class_is_what_the_other_half_shows() -> None:
    """Upright stripes lie lower left, lying ones upper right, and the classes are just these."""
    network = Stripes()
    with torch.no_grad():
        network.head.weight.mul_(200)
        # A cousin of the first class, at the same place: the second guess.
        network.head.weight[2, 0] = 199
    model = make_model(network, shape=(3, 32, 32))
    x = stripes_picture()
    ranking = predict(model, x).ranking
    assert choose_pair(model, x) == (ranking[0], 1 - ranking[0])


def test_a_picture_without_another_object_gets_the_second_guess() -> None:
    model = make_model(Stripes(), shape=(3, 32, 32))
    x = stripes_picture()
    x[..., :14, 16:] = -1  # the lying stripes are gone
    ranking = predict(model, x).ranking
    assert choose_pair(model, x) == ranking[:2]


@pytest.mark.parametrize("name", [name for name in LIGHT if name != "lenet5"])
def test_each_class_of_the_first_view_is_on_its_own_half(name: str) -> None:
    """The cup is on the left; no class is a rocket, so what stands upright is named there."""
    model = load_model(name)
    x = model.spec.preprocessing.prepare(load_sample("coffee-and-rocket").pixels)
    halves = {
        model.spec.classes[target]: find_half(
            attribute(model, x, method=Method.GRAD_CAM, target=target).values
        )
        for target in choose_pair(model, x)
    }
    assert halves.pop("espresso") == 0
    ((other, half),) = halves.items()
    assert other in ("obelisk", "lighthouse")
    assert half == 1


def test_half_of_a_picture_is_its_mean() -> None:
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert keep_half(x, half=1, axis=3)[0, 0, 0].tolist() == [7.5, 7.5, 2.0, 3.0]
    assert keep_half(x, half=0, axis=2)[0, 0, :, 0].tolist() == [0.0, 4.0, 7.5, 7.5]


def test_a_comparison_of_all_methods_takes_fewer_passes_where_that_is_harmless() -> None:
    def count(method: Method) -> Passes:
        key = MapKey("lenet5", "", Mistake.NONE, method, target=3, layer="c3")
        brief = shorten(key)
        assert brief.method is method
        return count_passes(
            method, replace(brief.options, steps=brief.steps or brief.options.steps)
        )

    assert count(Method.INTEGRATED_GRADIENTS) == Passes(20, 20)
    assert count(Method.LAYER_CONDUCTANCE) == Passes(20, 20)
    assert count(Method.SHAPLEY_SAMPLING).forward == 4 * 39 + 2
    assert count(Method.LIME).forward == count(Method.KERNEL_SHAP).forward == 150
    # Maps of noise, and of the unit that conducts most, change with fewer: theirs stay.
    for method in (Method.SMOOTHGRAD, Method.GRADIENT_SHAP, Method.NEURON_CONDUCTANCE):
        assert count(method) == count_passes(method, Options())
