"""SIGINT and SIGTERM: they end the query that runs on the server, wait for a commit, and become exceptions.

A handler of Python runs in the main thread between two bytecodes, so it waits as long as the database driver waits in
C. The wakeup descriptor is written by the signal handler in C itself, at once; a thread beside reads it.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_REPEAT = 0.2
"""Seconds between two attempts to cancel: one that comes between two statements cancels nothing."""


_AGAIN = 0.01
"""Seconds after which a signal comes once more whose exception was dropped."""


class Terminated(KeyboardInterrupt):
    """SIGTERM. A KeyboardInterrupt, so that everything that cleans up after Ctrl-C does so after SIGTERM too."""


def raise_on_sigterm() -> None:
    """Let SIGTERM raise Terminated in the main thread; one that is ignored by whoever started us stays ignored.

    No exception of a signal is lost from then on: where Python drops it, in a destructor, the signal comes once more.
    """
    sys.unraisablehook = partial(_send_again, sys.unraisablehook)
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def forget_signals() -> None:
    """In a forked process: SIGTERM ends it, SIGINT is the parent's, and no signal wakes a thread of the parent."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _send_again(otherwise: Callable[["sys.UnraisableHookArgs"], Any], dropped: "sys.UnraisableHookArgs") -> None:
    if not isinstance(dropped.exc_value, KeyboardInterrupt):
        otherwise(dropped)
        return
    number = signal.SIGTERM if isinstance(dropped.exc_value, Terminated) else signal.SIGINT
    raising = threading.Timer(_AGAIN, _raise, [number])  # not here: it would be dropped once more
    raising.daemon = True
    raising.start()


def _raise(number: signal.Signals) -> None:
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        os.kill(os.getpid(), number)  # which interrupts the main thread where it waits


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


@contextmanager
def cancelling(cancel: Callable[[], None]) -> Iterator[None]:
    """While the block runs, a signal calls `cancel` in another thread at once, and again until the block ends.

    The exception of the signal comes in the main thread as ever, once the call in C has returned.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    ended = threading.Event()
    thread = threading.Thread(target=_cancel_on_signal, args=(receiver, cancel, ended), daemon=True)
    with _withholding(_in_a_codec):
        previous = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
        try:
            thread.start()
            yield
        finally:
            signal.set_wakeup_fd(previous)
            ended.set()
            sender.close()  # the thread reads the end of the stream
            if thread.ident is not None:
                thread.join()
            receiver.close()


def _cancel_on_signal(receiver: socket.socket, cancel: Callable[[], None], ended: threading.Event) -> None:
    while numbers := receiver.recv(64):
        if set(numbers) & set(SIGNALS):
            break
    while numbers and not ended.is_set():
        cancel()
        ended.wait(_REPEAT)


def _in_a_codec(frame: FrameType | None) -> bool:
    """Whether psycopg2 decodes a message just now: in C it would print the exception, forget it and go on."""
    return frame is not None and str(frame.f_globals.get("__name__")).startswith("encodings.")


def deferring() -> AbstractContextManager[None]:
    """Signals that come while the block runs take effect when it has ended."""
    return _withholding(lambda _frame: True)


@contextmanager
def _withholding(withheld: Callable[[FrameType | None], bool]) -> Iterator[None]:
    """Signals that come while `withheld(current frame)` holds take effect when the block has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    handlers = {number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))}

    def handle(number: int, frame: FrameType | None) -> None:
        if withheld(frame):
            received.append(number)
        else:
            handlers[signal.Signals(number)](number, frame)

    try:
        for number in handlers:
            signal.signal(number, handle)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])
