"""Settings by CherryPy's names: of the whole process, of an application's paths, of objects and handlers.

A name that nothing knows is refused, with the nearest ones: a setting that is passed over in silence is a trap.
"""
import difflib

#: Groups of settings that go by one name.
ENVIRONMENTS = {
    "production": {"engine.autoreload.on": False, "log.screen": False, "request.show_tracebacks": False,
                   "request.show_mismatched_params": False},
    "staging": {"engine.autoreload.on": False, "request.show_tracebacks": False, "request.show_mismatched_params": False},
    "embedded": {"engine.autoreload.on": False, "log.screen": False, "request.show_tracebacks": False,
                 "request.show_mismatched_params": False},
    "test_suite": {"engine.autoreload.on": False, "log.screen": False, "request.show_tracebacks": True,
                   "request.show_mismatched_params": True},
}


class UnknownSetting(KeyError):
    """A setting that is not known, or a value that it cannot have; the text says which there are."""

    def __str__(self):
        return str(self.args[0])


def unknown(name, names):
    """The exception for a name that is not among ``names``."""
    near = difflib.get_close_matches(name, names, 3, 0.6)
    return UnknownSetting("%r is no setting of enginebus; %s" % (
        name, "did you mean %s?" % " or ".join(repr(n) for n in near) if near
        else "there are: %s" % ", ".join(sorted(names))))


def decorate(settings=None, **more):
    """Make a decorator that gives a handler, or a class of them, settings of its own."""
    own = dict(settings or {}, **more)

    def mark(target):
        target._cp_config = dict(getattr(target, "_cp_config", {}), **own)
        return target

    return mark


class Settings(object):
    """What may be set, for everything and per path; ``per_path`` are the defaults of every path.

    ``attributes`` maps a name to (object, attribute, kind), ``paths`` maps a namespace to a function of (key, value) that
    raises UnknownSetting where it does not know them. ``own`` holds the namespaces of applications.
    """

    def __init__(self, attributes, paths):
        self.attributes = attributes
        self.paths = paths
        self.own = {}
        self.per_path = {}
        self._defaults = dict((name, getattr(target, attribute)) for name, (target, attribute, _) in attributes.items())

    def names(self):
        """All names that can be listed."""
        return sorted(self.attributes) + ["environment"] + ["%s." % space for space in sorted(self.paths)]

    def check(self, name, value):
        """Raise UnknownSetting for a name, or a value, that a path cannot have."""
        space, _, key = name.partition(".")
        if space in self.paths and key:
            self.paths[space](key, value)
        elif space not in self.own:
            if name in self.attributes:
                raise UnknownSetting("%r is a setting of the whole process: it stands in the section \"global\"" % name)
            raise unknown(name, self.names())

    def set(self, name, value):
        """Set one for the whole process, at once."""
        if name == "environment":
            if value not in ENVIRONMENTS:
                raise UnknownSetting("%r is no environment; there are: %s" % (value, ", ".join(sorted(ENVIRONMENTS))))
            for each, of_it in ENVIRONMENTS[value].items():
                self.set(each, of_it)
        elif name in self.attributes:
            target, attribute, kind = self.attributes[name]
            if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kind):
                raise UnknownSetting("%r cannot be %r: it is %s" % (
                    name, value, " or ".join(sorted(set(k.__name__ for k in kind)))))
            setattr(target, attribute, value)
        else:
            self.check(name, value)
            if name.partition(".")[0] in self.paths:
                self.per_path = dict(self.per_path, **{name: value})

    def reset(self):
        """Everything as it was when the module was imported."""
        self.per_path = {}
        for name, (target, attribute, _) in self.attributes.items():
            setattr(target, attribute, self._defaults[name])


class Config(dict):
    """The settings of the whole process; setting one takes effect at once.

    Called, it makes a decorator: ``@config(**{"tools.json_out.on": True})``.
    """

    def __init__(self, settings):
        dict.__init__(self)
        self._settings = settings

    @property
    def namespaces(self):
        """The namespaces of applications: name -> function of (key, value), called for what is set for the whole process."""
        return self._settings.own

    def __setitem__(self, name, value):
        self.update({name: value})

    def update(self, *args, **kwargs):
        """Set values, or those of the section "global"; raises UnknownSetting (a KeyError) before any is set wrongly."""
        values = dict(*args, **kwargs)
        values = values.get("global", values)
        # An environment is a default: what is named beside it counts.
        for name in sorted(values, key=lambda name: (name != "environment", name)):
            self._settings.set(name, values[name])
            space, _, key = name.partition(".")
            if space in self._settings.own:
                self._settings.own[space](key, values[name])
            dict.__setitem__(self, name, values[name])

    def reset(self):
        """Forget what was set."""
        self.clear()
        self._settings.reset()

    def __call__(self, settings=None, **more):
        return decorate(settings, **more)
