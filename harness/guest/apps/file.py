"""The route contract "file": a file of ten bytes, served by the server's own means for files (CherryPy)."""
import os

import cherrypy
from cherrypy.lib import static

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ten.txt")
with open(FILE, "w") as _file:
    _file.write("0123456789")


class Root(object):
    """An index, and the file."""

    @cherrypy.expose
    def index(self):
        return "hello"

    @cherrypy.expose
    def ten(self):
        return static.serve_file(FILE, content_type="text/plain")
