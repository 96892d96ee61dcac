"""Child: a command in a process of its own that tells its progress and ends with the process that started it.

Standard input is its leash: nothing is ever written to it, and when it closes, because the page cancels or because the
server is no more, however it ended, the command is interrupted as by Ctrl-C. That needs no signal between processes, so
it is the same on every system. Somebody looks at standard error, so bars are drawn there as on a terminal.
"""

import _thread
import os
import signal
import sys
import time
from io import TextIOWrapper
from threading import Thread

from recommender.cli import main

_GRACE = 2.0  # seconds to put away what is half done


class _Watched(TextIOWrapper):
    """Standard error that is read as it is written."""

    def isatty(self) -> bool:
        return True


def _end_with_the_leash() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through a buffer, whose lock Python wants when it ends
    _thread.interrupt_main()
    time.sleep(_GRACE)  # what computes outside Python hears no interrupt
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a server in the background passes on that it is ignored
    sys.stderr = _Watched(sys.stderr.buffer, encoding="utf-8", errors="replace", write_through=True)
    Thread(target=_end_with_the_leash, daemon=True).start()
    main()
