"""Coverage pages: the running server shows, in the browser, which lines of its own application have run.

    from enginebus import covering

    class Root(object):
        coverage = covering.CoverStats()          # http://127.0.0.1:8080/coverage/

Measuring must begin before the application is loaded, or the lines that define it count as not run: start the server with
``--coverage``, or call ``start([folder])`` in a file that then imports the application. The package ``coverage`` measures;
where it is not installed, the page says so. Mount it where those who see it may read the application's source.
"""
import json
import linecache
import os
import sys
import threading

from ._compat import escape, quote, text_type, to_bytes, to_text
from .application import expose
from .errors import HTTPError, NotFound
from .serving import serving

INSTALL = "Nothing is measured: this Python lacks the package coverage, 5.0 or newer. pip install coverage, and start again."
START = "Nothing is measured. Start with --coverage, or call enginebus.covering.start before the application is loaded."
EMPTY = u"<p>No file of the application has run since the measuring began, or what measures leaves them out.</p>"
#: What a line is, in words and as a class of the page; "" is a line without code of its own.
RUN, NOT_RUN, LEFT_OUT, NO_CODE = "run", "not run", "left out", ""

_PAGE = u"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coverage: %(title)s</title>
<style>
body { background: #fff; color: #111; font: 1em/1.4 sans-serif; margin: 1em auto; max-width: 70em; padding: 0 1em }
table { border-collapse: collapse } td.number { color: #555; text-align: right }
th, td { padding: 0 .6em; text-align: left; vertical-align: top }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
tr.run { background: #e3f4e1 } tr.not-run { background: #fbdedb }
</style>
</head>
<body>
<h1>%(title)s</h1>
%(content)s
</body>
</html>
"""
_FILE = (u'<tr><td><a href="file?name=%(link)s">%(name)s</a></td><td class="number">%(percent)d %%</td>'
         u'<td class="number">%(run)d</td><td class="number">%(executable)d</td></tr>')
_LINE = u'<tr id="L%d" class="%s"><td class="number">%d</td><td>%s</td><td><pre>%s</pre></td></tr>'
_TABLE = u"<table><thead><tr>%s</tr></thead><tbody>\n%s\n</tbody></table>"


class _Measuring(object):
    """What start() has begun: the instance that measures (None where it is another's), and the folders it is about."""

    instance, folders = None, ()
    #: Sources are read one at a time: coverage 5.5 keeps the tokens of the last one for all threads.
    reading = threading.Lock()


def _package():
    """The package coverage; None where it is not installed, or too old. It is imported only when it is asked for."""
    try:
        import coverage
    except ImportError:
        return None
    return coverage if hasattr(coverage.Coverage, "current") else None


def start(paths):
    """Measure the files below these folders from now on, in this thread and in those that begin later.

    There is one tracer to a thread, so where something measures already, that goes on, and its data are shown. Without the
    package coverage nothing is measured, and the page says what to install.
    """
    _Measuring.folders += tuple(os.path.realpath(path) for path in paths)
    package = _package()
    if package is not None and package.Coverage.current() is None:  # another's is a ``coverage run`` around the server
        # No settings file of the folder it runs in, and no data file: what ran is known until the server stops. An
        # environment that lies in the application's folder is not the application.
        environment = os.path.realpath(sys.prefix)
        measure = package.Coverage(data_file=None, config_file=False, branch=False, source=list(_Measuring.folders),
                                   omit=[environment + "/*"] if _is_below(environment, _Measuring.folders) else [])
        measure.start()
        _Measuring.instance = measure


def _lines_run(measure):
    """{file: the lines of it that have run}; measuring goes on meanwhile, and loses nothing.

    get_data() copies, writes and clears what the tracers hold, and what other threads run for the first time in between
    is lost. So of our own instance the table itself is copied; another's may be written in part, and only get_data() has all.
    """
    table = getattr(getattr(measure, "_collector", None), "data", None)
    if measure is _Measuring.instance and isinstance(table, dict):
        return dict((name, set(lines)) for name, lines in table.copy().items())
    data = measure.get_data()
    return dict((name, set(data.lines(name) or ())) for name in data.measured_files())


class _File(object):
    """One file of the application: what its lines are, and how many of each."""

    def __init__(self, name, path, executable, left_out, missing):
        self.name, self.path = name, path
        self.states = dict((line, RUN) for line in executable)
        self.states.update((line, LEFT_OUT) for line in left_out)
        self.states.update((line, NOT_RUN) for line in missing)
        run = len(executable) - len(missing)
        #: The percentage is rounded down: 100 is said only where all has run.
        self.counts = {"executable": len(executable), "run": run, "percent": 100 * run // len(executable) if executable else 100}

    def lines(self):
        """[(number, state, text)] of the source as it is now."""
        linecache.checkcache(self.path)
        texts = [to_text(line).rstrip("\r\n") for line in linecache.getlines(self.path)]
        return [(number, self.states.get(number, NO_CODE), text) for number, text in enumerate(texts, 1)]


class CoverStats(object):
    """The pages: a list of the application's files, and each file with its lines.

    ``coverage_instance`` is a running ``coverage.Coverage`` of one's own. ``files`` are the files or folders that may be shown,
    by default those that start() was given. A request opens no path: it names a file of the list, or there is none.
    """

    def __init__(self, coverage_instance=None, files=None):
        self._instance, self._paths = coverage_instance, None if files is None else [os.path.realpath(path) for path in files]

    @expose
    def index(self, format="html"):
        """The list of files, with how many of their lines have run."""
        files = self._files()
        if _form(format) == "json":
            return _as_json({"files": dict((name, each.counts) for name, each in files.items())})
        rows = [_FILE % dict(each.counts, name=escape(name), link=to_text(quote(to_bytes(name), "")))
                for name, each in sorted(files.items())]
        content = _table((u"file", u"run", u"lines run", u"of"), rows) if rows else EMPTY
        return _as_html(u"the application's files", content + u'\n<p><a href="?format=json">The same as JSON</a></p>')

    @expose
    def file(self, name, format="html"):
        """One file: each line, and whether it has run."""
        form, files = _form(format), self._files()
        found = files.get(to_text(name)) if isinstance(name, (bytes, text_type)) else None
        if found is None:
            raise NotFound()
        if form == "json":
            return _as_json(dict(found.counts, name=found.name, lines=found.states))
        rows = [_LINE % (number, state.replace(" ", "-"), number, state, escape(text)) for number, state, text in found.lines()]
        said = u'<p>%(run)d of %(executable)d lines have run: %(percent)d %%. <a href="./">All files</a></p>\n' % found.counts
        return _as_html(found.name, said + _table((u"line", u"state", u"source"), rows))

    def _files(self):
        """{name: _File} of the files below the folders that have run; raises HTTPError(503) where nothing is measured."""
        package = _package()
        if package is None:
            raise HTTPError(503, INSTALL)
        measure = self._instance or package.Coverage.current()
        if measure is None:
            raise HTTPError(503, START)
        paths = list(_Measuring.folders) if self._paths is None else self._paths
        run = dict((path, lines) for path, lines in _lines_run(measure).items() if lines and _is_below(path, paths))
        # An instance that never starts reads the sources, and holds the lines against them: to ask the one that measures
        # would be to take its data (see _lines_run). It is made anew each time, for the data of a thread may be its own.
        reader = package.Coverage(data_file=None, config_file=False)
        reader.get_data().add_lines(dict((path, dict.fromkeys(lines)) for path, lines in run.items()))
        root, found = _root(paths), {}
        for path in run:
            name = to_text(os.path.relpath(path, root)).replace(os.sep, "/")
            try:
                with _Measuring.reading:
                    _, executable, left_out, missing, _ = reader.analysis2(path)
            except package.CoverageException:  # it is gone, or no longer Python: nothing can be said of its lines
                continue
            found[name] = _File(name, path, executable, left_out, missing)
        return found


def _is_below(path, paths):
    """Whether a file is one of these, or below one of these folders."""
    return any(path == each or path.startswith(each.rstrip(os.sep) + os.sep) for each in paths)


def _root(paths):
    """The folder from which files are named: the deepest that holds all of these."""
    root = os.path.dirname(os.path.commonprefix([path.rstrip(os.sep) + os.sep for path in paths])) or os.sep
    return os.path.dirname(root) if os.path.isfile(root) else root


def _form(format):
    if format not in ("html", "json"):
        raise HTTPError(400, "The format is html or json.")
    return format


def _table(heads, rows):
    return _TABLE % (u"".join(u'<th scope="col">%s</th>' % head for head in heads), u"\n".join(rows))


def _as_json(value):
    """A document for programs; in lines, so that a difference can be read."""
    serving.response.headers["Content-Type"] = "application/json"
    return _fresh(to_text(json.dumps(value, indent=1, sort_keys=True, separators=(",", ": "))) + u"\n")


def _as_html(title, content):
    return _fresh(_PAGE % {"title": escape(title), "content": content})


def _fresh(text):
    serving.response.headers["Cache-Control"] = "no-store"  # it is so now, and not any longer at the next request
    return text.encode("utf-8", "replace")
