"""The numbers of the threads that serve, and who is told of them."""

import threading

from enginebus.bus import Bus


def test_a_thread_has_the_lowest_number_that_is_free():
    bus, told = Bus(), []
    bus.threads.subscribe()
    bus.subscribe("start_thread", lambda number: told.append(("start", number)))
    bus.subscribe("stop_thread", lambda number: told.append(("stop", number)))
    bus.threads.release()
    bus.threads.acquire()
    bus.threads.acquire()
    other = threading.Thread(target=bus.threads.acquire)
    other.start()
    other.join(10)
    assert told == [("start", 1), ("start", 2)]
    bus.threads.release()
    bus.threads.release()
    assert told[2:] == [("stop", 1)]
    bus.threads.acquire()
    bus.publish("graceful")
    assert told[3] == ("start", 1)
    assert sorted(told[4:]) == [("stop", 1), ("stop", 2)]
    bus.threads.acquire()
    bus.publish("stop")
    assert told[6:] == [("start", 1), ("stop", 1)]


def test_threads_that_begin_together_have_numbers_of_their_own():
    bus, together, never, numbers = Bus(), threading.Barrier(8, timeout=10), threading.Event(), []
    bus.subscribe("start_thread", numbers.append)

    class Slow(dict):
        """Looks at the numbers, and lets another thread look before it sets its own."""

        def values(self):
            found = list(dict.values(self))
            never.wait(0.02)
            return found

    bus.threads.numbers = Slow()

    def begin():
        together.wait()
        bus.threads.acquire()

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(numbers) == list(range(1, 9))
