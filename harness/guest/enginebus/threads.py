"""The threads that serve requests, as listeners see them."""
import threading

from ._compat import get_ident


class ThreadManager(object):
    """Numbers the threads that serve requests, and tells ``start_thread`` and ``stop_thread`` listeners of them."""

    def __init__(self, bus):
        self.bus = bus
        self.numbers = {}
        self._lock = threading.Lock()

    def subscribe(self):
        """Tell of all threads when the bus stops or is graceful: what they hold is to be made anew."""
        self.bus.subscribe("stop", self.stop)
        self.bus.subscribe("graceful", self.stop)

    def acquire(self):
        """The calling thread serves a request: the first time, that is told."""
        me = get_ident()
        if me in self.numbers:
            return
        with self._lock:  # or two threads that begin together would have the same number
            taken = set(self.numbers.values())
            self.numbers[me] = number = next(n for n in range(1, len(taken) + 2) if n not in taken)
        self.bus.publish("start_thread", number)

    def release(self):
        """The calling thread serves no more."""
        number = self.numbers.pop(get_ident(), None)
        if number is not None:
            self.bus.publish("stop_thread", number)

    def stop(self):
        """Release all of them."""
        for ident in list(self.numbers):
            number = self.numbers.pop(ident, None)
            if number is not None:
                self.bus.publish("stop_thread", number)
