"""The paper's remedy as a command: who holds a port, what happens to a server that binds there, and how to free it."""
