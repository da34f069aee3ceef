"""Networks with one block switched off, as pages ask for them."""

from collections.abc import Iterator, Sequence

from cnnviz.cached import stack_inputs
from cnnviz.images.image import CheckedImage
from cnnviz.labs.lesions import BLOCKS, NETWORKS, Lesions, measure_lesions
from cnnviz.networks.load import load_model


def measure_all_lesions(
    image: CheckedImage, others: Sequence[str]
) -> Iterator[tuple[float, str, dict[str, Lesions]]]:
    """Switch every block of each network off in turn."""
    found: dict[str, Lesions] = {}
    for place, network in enumerate(NETWORKS):
        model = load_model(network)
        for one in measure_lesions(model, stack_inputs(network, image, others)):
            found = found | {network: one}
            done = (place + len(one.blocks) / len(BLOCKS)) / len(NETWORKS)
            yield done, f"{model.spec.title} without {one.blocks[-1]}", found
