"""Images made by optimisation: what excites a class, a channel, a neuron or a direction most.

An image is written with parameters (`canvas`), shown to the network up to the target's layer
(`targets`), and its parameters follow the gradient of the target's score (`ascent`), kept in check
by regularisers (`regularizers`). Everything is seeded, and no shared network is touched.
"""
