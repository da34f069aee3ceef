"""DeepLIFT: how far each unit is from its value for a baseline, handed down to the pixels."""

from torch import Tensor, nn

from cnnviz.attribution.baselines import make_baseline
from cnnviz.attribution.methods.captum_calls import import_captum
from cnnviz.attribution.methods.private_copy import CURVES, copy_network, make_rescaled
from cnnviz.attribution.methods.rule_obstacles import (
    LINEAR_FUNCTIONS,
    LINEAR_MODULES,
    describe_missing,
    list_missing_rules,
)
from cnnviz.attribution.options import Options
from cnnviz.networks.graph.layers import Graph
from cnnviz.networks.graph.per_graph import keep_per_graph
from cnnviz.networks.load import LoadedModel

_RESCALED = (nn.ReLU, nn.ReLU6, nn.MaxPool2d, *CURVES)


def compute_deeplift(model: LoadedModel, x: Tensor, *, target: int, options: Options) -> Tensor:
    """Share out the difference of two logits by the rescale rule.

    Args:
        model: A network without what `find_deeplift_obstacle` names.
        x: Input, (N, C, H, W).
        target: Index of the class.
        options: The baseline.

    Returns:
        (N, C, H, W), signed; the sum is the logit less the baseline's.

    Source:
        Shrikumar, Greenside, Kundaje: Learning Important Features Through Propagating Activation
        Differences, ICML 2017, section 3.
    """
    run = copy_network(model.graph.traced, make=make_rescaled)
    baseline = make_baseline(model, x, baseline=options.baseline)
    shares: Tensor = (
        import_captum()
        .DeepLift(run)
        .attribute(x.detach().clone(), baselines=baseline, target=target)
    )
    return shares.detach()


@keep_per_graph
def find_deeplift_obstacle(graph: Graph) -> str | None:
    """Say which operations of a network DeepLIFT has no rule for; None where it has all."""
    modules = (*LINEAR_MODULES, *_RESCALED)
    missing = list_missing_rules(graph, modules=modules, functions=LINEAR_FUNCTIONS)
    return describe_missing("DeepLIFT", missing)
