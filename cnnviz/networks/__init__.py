"""Networks: the registry, those of the person who starts the app, their weights and graphs."""
