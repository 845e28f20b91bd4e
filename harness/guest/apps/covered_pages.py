"""What is measured. Scenarios name lines of the two functions by their numbers: 10 to 12, and 17 to 22."""
import threading

import enginebus as web

# <script>document.title = "owned"</script> & "quoted": a line of source is text, and no part of the page that shows it.


def greeting(hour):
    if hour < 12:
        return "good morning"
    return "good evening"


def count(numbers, found):
    """Add numbers up; what is asked for is odd, or even, or neither."""
    for number in numbers:
        if number % 2:
            found["odd"] = found.get("odd", 0) + number
        else:
            found["even"] = found.get("even",
                                      0) + number


class Pages(object):
    """Pages that take one way or the other."""

    @web.expose
    def index(self):
        return "hello"

    @web.expose
    def greet(self, hour):
        return greeting(int(hour))

    @web.expose
    def add(self, *numbers):
        """Add numbers up in a thread of the request's own."""
        found = {}
        thread = threading.Thread(target=count, args=([int(number) for number in numbers], found))
        thread.start()
        thread.join()
        return "odd %d, even %d" % (found.get("odd", 0), found.get("even", 0))

    def spare(self):  # pragma: no cover
        return "nobody asks for this"
