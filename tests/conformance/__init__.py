"""Every check in both directions: green on a server that is right, and red on one that is wrong in just that way."""
