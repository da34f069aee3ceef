"""What only one page shows, a folder a page."""
