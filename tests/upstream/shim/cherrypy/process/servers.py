"""Nothing: enginebus waits for a port without the private ``_safe_wait`` that test_states tries."""
