"""Attribution methods, one a file; `cnnviz.attribution.attribute` is the one way to them."""
