"""Which parts of an image spoke for a class: one method a file, one way in, `attribute`.

Nothing here touches the shared network: gradients go to private inputs through rewritten copies of
its graph that share its weights, so that many threads may ask at once.
"""
