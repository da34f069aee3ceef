"""What the occlusion page shows."""
