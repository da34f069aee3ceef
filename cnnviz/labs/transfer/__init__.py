"""Transfer learning: frozen features, a linear head, fine-tuning, and maps of the features.

sets holds the classes and archive reads them from a file, features reads a network at several
depths, head trains what stands on top, fine_tuning trains the network too, cases compares them all,
embedding lays features out in a plane, and networks makes what was trained a network of its own.
"""
