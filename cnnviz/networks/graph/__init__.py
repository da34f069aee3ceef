"""What a network is made of: its traced graph, its layers and their names, and its output."""
