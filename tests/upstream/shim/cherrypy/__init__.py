"""enginebus under the names of CherryPy: what its tests import is translated here, and nothing is added to what it does.

What enginebus does not have is absent here, too (an AttributeError where a test asks for it). Tools and settings that it
does not have are accepted and do nothing, for a class of tests sets them once for all of its tests.
"""
import sys
import types
import urllib.request  # noqa: F401  # test_conn uses it as imported; CherryPy has imported it by then

import enginebus
from enginebus import (  # noqa: F401
    Application,
    HTTPError,
    HTTPRedirect,
    NotFound,
    Tool,
    dispatch,
    engine,
    expose,
    request,
    response,
    server,
    serving,
    tools,
    url,
)

from . import _cpcompat, _cperror, _cpreqbody, _cptools, _cptree, _cpwsgi, lib, process  # noqa: F401
from ._settings import config  # noqa: F401

#: The helper says so in its log, and error pages may show it.
__version__ = enginebus.__version__
servers = {}


class _Log:
    """The log is called by the tests; its attributes are those of enginebus."""

    def __call__(self, msg="", context="", *args, **kwargs):
        enginebus.log.error(msg, context)

    def __getattr__(self, name):
        return getattr(enginebus.log, name)


log = _Log()


class _Package(types.ModuleType):
    """``cherrypy.tree = Tree()`` is how the helper forgets all applications; the server looks at the tree of enginebus."""

    @property
    def tree(self):
        return enginebus.tree

    @tree.setter
    def tree(self, tree):
        enginebus.tree.apps = tree.apps

    @property
    def _cache(self):
        return enginebus._cache


sys.modules[__name__].__class__ = _Package
