"""What the system gives: interpreters, processes, ports, sockets, files that are written whole, and deadlines.

In: questions. Out: what is there now. How a process and its sockets end is told in ENDINGS.md beside this file.

Uses: model, language.
"""
