"""Every attribution method that captum has, against captum, to a ten-thousandth."""

from copy import deepcopy
from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import Tensor, nn

from cnnviz.attribution.attribute import Method, Options, attribute, find_last_maps, find_obstacle
from cnnviz.networks.load import LoadedModel, load_model, predict
from cnnviz.networks.weights.files import BUNDLED
from cnnviz.networks.zoo.torchvision_import import import_torchvision
from tests.captum_oracles import METHODS, ask_captum
from tests.home_made import Branchy, make_model, randomize
from tests.quick import KINDS, each

MADE = ("resnet18", "vgg11", "googlenet", "branchy")
SHIPPED = sorted(path.stem for path in BUNDLED.glob("*.safetensors"))
QUICK = KINDS - {"resnet64"}  # torchvision's ResNet is among them each time
OPTIONS = Options(steps=6)

# captum says so of every network: it hangs its rules on the ReLUs for the time of the question.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Setting (forward, )?backward hooks:UserWarning"),
    pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients"),
]


@cache
def take_model(name: str) -> LoadedModel:
    """A bundled network, or one of torchvision's with random weights and small pictures."""
    if name in SHIPPED:
        return widen(load_model(name))
    if name == "branchy":
        return make_model(randomize(Branchy(), seed=7), shape=(3, 48, 48))
    torch.manual_seed(5)
    models = import_torchvision("models")
    quick = {"init_weights": False} if name != "resnet18" else {}
    if name == "googlenet":
        quick["transform_input"] = True
    module = getattr(models, name)(num_classes=5, **quick)
    if name == "vgg11":
        # As in the paper, on 2×2 cells: the published one enlarges them to 7×7 and is slow here.
        module.avgpool = nn.AdaptiveAvgPool2d(2)
        module.classifier[0] = nn.Linear(512 * 4, 256)
        module.classifier[3] = nn.Linear(256, 256)
        module.classifier[6] = nn.Linear(256, 5)
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):  # else nothing but rounding gets through
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
    return make_model(module, shape=(3, 64, 64), name=name)


def widen(model: LoadedModel) -> LoadedModel:
    """A network in double: single's rounding grows through its layers, by processor differently."""
    graph = replace(model.graph, traced=deepcopy(model.graph.traced).double())
    return replace(model, module=deepcopy(model.module).double(), graph=graph)


def picture(model: LoadedModel) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(1, *model.spec.preprocessing.shape, generator=generator)
    return x.to(next(model.module.parameters()).dtype)


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("name", each([*MADE, *SHIPPED], {*MADE, *QUICK}))
def test_same_as_captum(name: str, method: Method) -> None:
    model = take_model(name)
    if find_obstacle(model, method):
        pytest.skip("the method does not apply")
    x, layer = picture(model), find_last_maps(model)
    # Of a class that a trained network does not see, Grad-CAM may have nothing above zero to show.
    target = predict(model, x).ranking[0] if name in SHIPPED else 3
    ours = attribute(model, x, method=method, target=target, options=OPTIONS)
    theirs = ask_captum(model, x, method=method, target=target, layer=layer, options=OPTIONS)
    answer = ours.values if ours.pixels is None else ours.pixels
    assert answer.shape == theirs.shape
    assert float(theirs.abs().max()) > 0
    assert float((answer - theirs).abs().max()) <= 1e-4 * float(theirs.abs().max())


@pytest.mark.parametrize("name", each(["resnet18", *SHIPPED], {"resnet18", *QUICK}))
def test_grad_cam_of_every_layer_is_the_same_as_captums(name: str) -> None:
    model = take_model(name)
    x = picture(model)
    for layer in every_eleventh_layer(model):
        ours = attribute(model, x, method=Method.GRAD_CAM, target=2, layer=layer).values
        theirs = ask_captum(
            model, x, method=Method.GRAD_CAM, target=2, layer=layer, options=OPTIONS
        )
        assert float((ours - theirs).abs().max()) <= 1e-4 * float(theirs.abs().max()), layer


def every_eleventh_layer(model: LoadedModel) -> list[str]:
    """Layers with maps, at other places of their blocks, which shortcuts go around, each time."""
    return [layer.name for layer in model.graph.layers[1:] if layer.is_spatial][::11]
