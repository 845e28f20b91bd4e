"""In which one way the small ASGI server is wrong: ``wrong("name")`` stands at the place of each mistake."""

ways = set()


def wrong(way):
    """Whether the server was told to make this mistake."""
    return way in ways
