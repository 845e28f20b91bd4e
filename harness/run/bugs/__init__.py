"""Citations played: the release that has a report turns its scenario red, the one that has it not leaves it green."""
