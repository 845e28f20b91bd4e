"""The operating system: interpreters, processes, ports, sockets, atomic files, and deadlines.

In: queries. Out: the current state. ENDINGS.md, next to this file, describes how a process and its sockets end.

Uses: model, language.
"""
