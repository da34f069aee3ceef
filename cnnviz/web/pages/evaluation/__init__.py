"""What the page “Evaluate on your folder” shows."""
