"""Effective receptive fields, as pages ask for them."""

from cnnviz.jobs.heavy import report_progress
from cnnviz.networks.load import LoadedModel
from cnnviz.receptive_fields.effective import (
    EffectiveField,
    Measure,
    WeightSource,
    compute_effective_field,
)


def compute_field(
    model: LoadedModel, layer: str, measure: Measure, weights: WeightSource
) -> tuple[str, EffectiveField]:
    """Compute one effective receptive field, and name its weights."""
    done, name = list(WeightSource).index(weights), f"{weights} weights"
    field = compute_effective_field(
        model,
        layer=layer,
        weights=weights,
        measure=measure,
        samples=64,
        limit_seconds=5,
        report=lambda share: report_progress((done + share) / len(WeightSource), name),
    )
    return name.capitalize(), field
