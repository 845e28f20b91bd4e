"""gunicorn's settings: a line in the log when a worker has loaded the application and set its signal handlers."""


def post_worker_init(worker):
    """Called by the worker, right before it accepts."""
    worker.log.info("worker is ready")
