"""The component `layer_list`."""
