"""Who holds a port, what will happen to a server that binds there, and how the port is freed.

In: an address. Out: a diagnosis, in words and as JSON.

Uses: model, machine.
"""
