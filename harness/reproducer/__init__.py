"""The reproducer: one Python file, of the standard library alone, that does what a cell did.

``recipe`` records with a run what a target is made of, ``write`` puts the file together from ``parts``, and ``command``
writes or tries it. The parts are no part of the driver: they are text that is put into the file, which shares with the harness
what needs nothing but the standard library (``SECTIONS`` in ``write``).
"""
