"""Test harness and compatibility matrix for Python web servers (see README.md)."""

__version__ = "0.1.0"
