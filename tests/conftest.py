"""What all tests share: hypothesis draws the same examples on every machine and has no clock."""

import hypothesis
import torch

hypothesis.settings.register_profile("cnnviz", deadline=None, derandomize=True)
hypothesis.settings.load_profile("cnnviz")

# As the app does, so that results and memory are those of the app.
torch.set_num_threads(1)
