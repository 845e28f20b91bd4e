"""Nothing that runs."""
