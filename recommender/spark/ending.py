"""Ending: a command that is told to end removes what it has begun."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM is KeyboardInterrupt inside, so that what was begun is removed; not where a program has its own way."""
    main = threading.current_thread() is threading.main_thread()  # no other may ask for signals
    ours = main and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if ours:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
