"""Heavy results on the machines of a Ray cluster, where one machine is not enough."""
