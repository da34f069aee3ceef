"""Activations and gradients through many layers: closed forms, torch, and the papers' rules."""

import math

import pytest
import torch
from torch import nn

from cnnviz.adversarial.linear.data import load_written_digits
from cnnviz.labs.signal import (
    WIDTH,
    Activation,
    Initialization,
    Scaling,
    Signal,
    activate,
    build_network,
    differentiate,
    find_deviation,
    measure_bowl,
    race_initializations,
    scale_pixels,
    send_signal,
)

Z = torch.linspace(-4, 4, 33, dtype=torch.float64)
MODULES = {
    Activation.SIGMOID: nn.Sigmoid(),
    Activation.TANH: nn.Tanh(),
    Activation.RELU: nn.ReLU(),
    Activation.LEAKY_RELU: nn.LeakyReLU(),
    Activation.GELU: nn.GELU(),
    Activation.SILU: nn.SiLU(),
}


def send(function: Activation, initialization: Initialization, depth: int = 20) -> Signal:
    return send_signal(
        function=function,
        initialization=initialization,
        scaling=Scaling.STANDARDIZED,
        depth=depth,
    )


@pytest.mark.parametrize("function", Activation)
def test_functions_are_torchs_and_slopes_their_differences(function: Activation) -> None:
    torch.testing.assert_close(activate(function, Z), MODULES[function](Z))
    away = Z[Z.abs() > 0.1]  # from the kink of the ReLUs
    step = 1e-6
    difference = (MODULES[function](away + step) - MODULES[function](away - step)) / (2 * step)
    torch.testing.assert_close(differentiate(function, away), difference, rtol=0, atol=1e-8)


def test_slopes_in_closed_form() -> None:
    sigmoid = 1 / (1 + torch.exp(-Z))
    torch.testing.assert_close(differentiate(Activation.SIGMOID, Z), sigmoid * (1 - sigmoid))
    torch.testing.assert_close(differentiate(Activation.TANH, Z), 1 - torch.tanh(Z) ** 2)
    assert float(differentiate(Activation.SIGMOID, Z).max()) == 0.25


def test_deviations_are_those_of_the_papers() -> None:
    """Glorot and Bengio, equation 12, and He et al., equation 10, as torch has them."""
    weight = torch.empty(300, 200)
    nn.init.xavier_normal_(weight)
    xavier = find_deviation(Initialization.XAVIER, inputs=200, outputs=300)
    assert float(weight.std()) == pytest.approx(xavier, rel=0.02)
    nn.init.kaiming_normal_(weight)
    he = find_deviation(Initialization.HE, inputs=200, outputs=300)
    assert float(weight.std()) == pytest.approx(he, rel=0.02)


def test_a_network_has_these_deviations() -> None:
    first, *_, last = build_network(Initialization.HE, depth=3)
    assert float(first.weight.detach().std()) == pytest.approx(math.sqrt(2 / WIDTH), rel=0.05)
    assert last.weight.shape == (10, WIDTH)
    assert not first.bias.any()


def test_gradients_are_those_of_the_same_network_by_torch() -> None:
    signal = send(Activation.TANH, Initialization.XAVIER, depth=3)
    layers = build_network(Initialization.XAVIER, depth=3)
    data = load_written_digits()
    pixels = (data.train - data.train.mean(dim=0)).double()
    deviation = pixels.std(dim=0, correction=0)
    x = (pixels / deviation.where(deviation > 0, torch.tensor(1.0, dtype=torch.float64)))[:256]
    chain = nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2], nn.Tanh())
    network = chain.append(layers[3]).double()
    nn.CrossEntropyLoss()(network(x), data.train_labels[:256]).backward()
    for place in range(3):
        expected = layers[place].weight.grad
        assert expected is not None
        torch.testing.assert_close(signal.gradients[place].double(), expected, rtol=1e-3, atol=1e-6)


def test_he_keeps_what_xavier_loses_behind_relus() -> None:
    """He et al. 2015, figure 3 and equation 14: half the variance is lost in each layer."""
    he = send(Activation.RELU, Initialization.HE).find_deviations()
    xavier = send(Activation.RELU, Initialization.XAVIER).find_deviations()
    assert 0.3 < float(he[-1] / he[0]) < 3
    ratio = float((xavier[-1] / xavier[0]) / (he[-1] / he[0]))
    assert ratio == pytest.approx(0.5 ** (19 / 2), rel=1e-3)


def test_sigmoids_let_the_gradient_vanish_and_large_weights_saturate() -> None:
    norms = send(Activation.SIGMOID, Initialization.XAVIER).find_gradient_norms()
    assert float(norms[0] / norms[-1]) < 0.25**10
    large = send(Activation.TANH, Initialization.LARGE)
    assert float(large.find_saturated().min()) > 0.7
    # Half of the slope is lost at |z| = arccosh(√20); the share beyond is torch's own.
    beyond = (1 - torch.tanh(large.inputs) ** 2 < 0.05).flatten(1).float().mean(dim=1)
    torch.testing.assert_close(large.find_saturated(), beyond)


def test_zero_weights_learn_nothing() -> None:
    signal = send(Activation.TANH, Initialization.ZERO, depth=4)
    assert not signal.gradients.any()
    relu = send(Activation.RELU, Initialization.ZERO, depth=4)
    assert float(relu.find_dead().min()) == 1


def test_behind_a_sigmoid_all_gradients_of_a_unit_have_one_sign() -> None:
    signal = send(Activation.SIGMOID, Initialization.HE, depth=3)
    assert signal.find_one_sided().tolist() == [0, 1, 1]
    raw = send_signal(
        function=Activation.TANH,
        initialization=Initialization.HE,
        scaling=Scaling.RAW,
        depth=2,
    )
    assert raw.find_one_sided().tolist() == [1, 0]


def test_scaled_pixels_are_scikit_learns() -> None:
    from sklearn.preprocessing import StandardScaler

    pixels = torch.rand(50, 6, dtype=torch.float64)
    pixels[:, 2] = 0.5
    expected = torch.from_numpy(StandardScaler().fit_transform(pixels.numpy()))
    torch.testing.assert_close(scale_pixels(pixels, Scaling.STANDARDIZED), expected)
    centered = torch.from_numpy(StandardScaler(with_std=False).fit_transform(pixels.numpy()))
    torch.testing.assert_close(scale_pixels(pixels, Scaling.CENTERED), centered)


def test_raw_pixels_make_a_narrow_valley_and_its_rate_is_the_largest() -> None:
    raw, centered = measure_bowl(Scaling.RAW), measure_bowl(Scaling.CENTERED)
    assert raw.condition > 3 * centered.condition
    weights = torch.linalg.eigh(raw.hessian)[1][:, -1]
    for factor, grows in ((0.99, False), (1.01, True)):
        moved = weights - factor * raw.largest_rate * raw.hessian @ weights
        assert (float(moved.norm()) > 1) is grows
    loss = raw.find_loss(1.0, 3)
    corner = torch.tensor([1.0, -1.0])
    assert float(loss[0, 2]) == pytest.approx(float(0.5 * corner @ raw.hessian @ corner))


def test_he_wins_the_race_of_deep_relus_and_zero_stays_where_it_is() -> None:
    *_, (_, _, race) = race_initializations(
        function=Activation.RELU, scaling=Scaling.STANDARDIZED, depth=10, rate=0.1
    )
    best = {name: values[-1] for name, values in race.accuracies.items()}
    assert best[Initialization.HE] > 0.85
    assert best[Initialization.ZERO] < 0.2
    assert race.losses[Initialization.ZERO][0] == pytest.approx(math.log(10))
