"""CherryPy's own tests against the bundled server: ``python -m tests.upstream``.

The sdist of CherryPy is fetched from PyPI into the cache, never into the repository. Its test modules run
unchanged; ``cherrypy`` is the package in ``shim/``, which gives enginebus CherryPy's names and no behaviour.
"""
