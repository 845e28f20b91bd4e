"""``Part.maxrambytes``, which a test sets, is a constant of enginebus."""
from enginebus import forms


class _Limits(type):
    _default = forms.MAX_MEMORY

    @property
    def maxrambytes(cls):
        return forms.MAX_MEMORY

    @maxrambytes.setter
    def maxrambytes(cls, value):
        forms.MAX_MEMORY = value

    @maxrambytes.deleter
    def maxrambytes(cls):
        forms.MAX_MEMORY = cls._default


class Part(metaclass=_Limits):
    """A part of a form."""
