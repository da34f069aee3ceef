"""Features of images laid out in a plane, and the nearest neighbors of one of them.

Source: van der Maaten and Hinton 2008, "Visualizing data using t-SNE"; Krizhevsky and others 2012,
figure 4, for neighbors in the features of the last hidden layer.
"""

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cnnviz.jobs.heavy import report_progress

_PERPLEXITY = 30.0  # at most: scikit-learn's usual


class Projection(StrEnum):
    """How many numbers become two."""

    TSNE = "t-SNE"
    PCA = "PCA"


def project(vectors: Tensor, projection: Projection) -> npt.NDArray[np.float64]:
    """Lay vectors (N, D) out in a plane, (N, 2); the same ones always alike.

    Args:
        vectors: N is at least 3.
        projection: The two directions of most variance, or a map that keeps neighbors.
    """
    report_progress(0.0, f"{projection} of {len(vectors)} images")
    from sklearn.decomposition import PCA  # takes seconds to import
    from sklearn.manifold import TSNE

    values = vectors.double().numpy()
    if projection is Projection.PCA:
        places = PCA(n_components=2, svd_solver="full").fit_transform(values)
    else:
        perplexity = min(_PERPLEXITY, (len(values) - 1) / 3)
        chart = TSNE(perplexity=perplexity, init="pca", random_state=0)
        places = chart.fit_transform(values.astype(np.float32))
    return np.asarray(places, dtype=np.float64)


def find_neighbors(vectors: Tensor, index: int, *, count: int) -> list[tuple[int, float]]:
    """Return the nearest vectors to one of them, with their Euclidean distances.

    Args:
        vectors: (N, D).
        index: Which.
        count: How many, without itself.
    """
    distances = torch.linalg.vector_norm(vectors.double() - vectors[index].double(), dim=1)
    distances[index] = torch.inf
    nearest = distances.argsort(stable=True)[: min(count, len(vectors) - 1)]
    return [(int(place), float(distances[place])) for place in nearest]
