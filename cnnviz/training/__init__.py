"""Training of the bundled networks from the command line: `python -m cnnviz.training NAME`.

recipes (every number of a training) -> mnist, idx (data) -> distortion (data made harder)
-> loop, checkpoint (training, interrupted and resumed) -> measure, card (what is written down).
"""
