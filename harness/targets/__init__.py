"""What a server under test is, which scenarios fit it, and how its environment is made on one Python.

In: subject.toml and an interpreter. Out: a ``Target`` that is ready to launch, or why there is none.

Uses: model, language, machine.
"""
