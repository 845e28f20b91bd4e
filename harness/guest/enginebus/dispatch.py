"""From a path to a handler on the tree of objects."""
from .errors import HTTPRedirect, NotFound
from .params import path_segments

#: Characters that a Python name cannot hold become underscores: ``/my-page.html`` is ``my_page_html``.
_PUNCTUATION = set(r"""!"#$%&'()*+,-./:;<=>?@[\]^`{|}~""")


def attribute_name(segment):
    """Return the attribute that a path segment stands for."""
    return "".join("_" if c in _PUNCTUATION else c for c in segment)


def is_exposed(node):
    """Whether clients may reach this object: it is marked itself, not only its class's instances' parent."""
    return bool(getattr(node, "exposed", False))


def find_handler(root, path):
    """Return (handler, positional arguments, whether it is an ``index``) for a path; raises NotFound.

    The path is followed from the root as far as attributes lead; from the
    deepest object back, the first exposed ``default`` or exposed object wins,
    and the segments behind it are its positional arguments.
    """
    segments = path_segments(path)
    names = [attribute_name(segment) for segment in segments] + ["index"]
    trail = [root]
    for name in names:
        # Python's own attributes lead off the tree: /__class__/page would be the page without its object.
        node = None if name.startswith("__") else getattr(trail[-1], name, None)
        if node is None:
            break
        trail.append(node)
    for depth in range(len(trail) - 1, -1, -1):
        node = trail[depth]
        default = getattr(node, "default", None)
        if default is not None and is_exposed(default):
            return default, segments[depth:], False
        if is_exposed(node):
            return node, segments[depth:], depth == len(names)
    raise NotFound()


def check_trailing_slash(path, is_index, query_string):
    """An index has a trailing slash, so that relative links in its page work; raises HTTPRedirect(301)."""
    if is_index and not path.endswith("/"):
        raise HTTPRedirect(path + "/" + ("?" + query_string if query_string else ""), 301)
