"""What networks cost: counted by layer, measured on this machine, and weighed against accuracy."""
