"""Networks: what there is, what it costs, and how well it was trained."""

# %% Everything is computed by the package cnnviz.
from cnnviz.costs.table import measure_costs
from cnnviz.networks.load import load_model
from cnnviz.networks.weights.files import list_weights
from cnnviz.networks.zoo import list_names
from cnnviz.training.history import read_history

# %% Change these values and run the program again.
NETWORK = "resnet64"

# %% Which networks have their weights on this machine?
here = list_weights()
for listing in list_names():
    if listing.name in here:
        print(f"{listing.year} {listing.title} ({here[listing.name].origin})")

# %% One of them: its input, its classes, and what it costs.
model = load_model(NETWORK)
shape = model.spec.preprocessing.shape
table = measure_costs(model.module, input_shape=shape)
print(f"{model.spec.title}, {model.spec.year}: {model.spec.paper}")
print(f"input {'×'.join(map(str, shape))}, {len(model.spec.classes)} classes")
print(f"parameters: {table.parameters:,}")
print(f"multiply-adds: {table.multiply_adds:,}")

# %% How its training went, as its model card tells it.
history = read_history(model.card.facts)
if history is not None:
    print(f"{len(history.epochs)} epochs, measured on {history.measured_on}")
    print(f"top-1 error: {history.final_error:.2f}%")
