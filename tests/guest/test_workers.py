"""The threads that serve connections: how many there are, and that they serve again."""

import threading

from enginebus.httpserver import Workers

from .live import in_time


class Job:
    """A connection that is served until it may end; it notes who served it."""

    def __init__(self):
        self.served, self.may_end, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.thread = None

    def serve(self):
        self.thread = threading.current_thread()
        self.served.set()
        assert self.may_end.wait(10)
        self.ended.set()

    def end(self, workers):
        self.may_end.set()
        in_time(lambda: self not in workers.serving)


class Threads:
    released = 0

    def release(self):
        self.released += 1


def test_there_are_as_many_threads_as_there_may_be_and_spare_ones_serve_again():
    threads = Threads()
    workers = Workers(3, 1, threads)
    jobs = [Job() for _ in range(4)]
    assert [workers.take(job) for job in jobs] == [True, True, True, False]
    for job in jobs[:3]:
        assert job.served.wait(10)
    assert set(workers.others()) == set(jobs[:3])
    assert len({job.thread for job in jobs[:3]}) == 3
    assert all(job.thread.daemon for job in jobs[:3])
    jobs[0].end(workers)
    in_time(lambda: workers._idle == 1)
    jobs[1].end(workers)
    in_time(lambda: threads.released == 1)
    again = Job()
    assert workers.take(again)
    assert again.served.wait(10)
    assert again.thread is jobs[0].thread, "the one that stayed"
    again.end(workers)
    jobs[2].end(workers)
    workers.end()
    in_time(lambda: threads.released == 3 and workers._count == 0)


def test_a_thread_that_cannot_be_had_is_no_end(monkeypatch):
    workers = Workers(1, 1, Threads())

    def fail(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        assert workers.take(Job()) is False
    job = Job()
    assert workers.take(job), "the place is free again"
    job.end(workers)
    workers.end()
