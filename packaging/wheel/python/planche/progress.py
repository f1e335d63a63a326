"""Progress on standard error: a bar on a terminal, elsewhere a line every ten seconds."""

import sys
import time

INTERVAL = 10.0
WIDTH = 24


def text(schedule, seconds):
    """One line about a run of that many seconds."""
    done, total = schedule.done, schedule.total
    filled = WIDTH * done // total if total else WIDTH
    rate = done / seconds if seconds > 0 else 0.0
    left = f"{(total - done) / rate:.0f} s left" if rate else "…"
    bar = "█" * filled + "░" * (WIDTH - filled)
    return f"{bar} {done}/{total} images, {rate:.1f}/s, {schedule.failed} failed, {left}"


class Progress:
    def __init__(self, stream=sys.stderr):
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.started = time.monotonic()
        self.shown = self.started

    def show(self, schedule, is_last=False):
        now = time.monotonic()
        interval = 0.2 if self.is_terminal else INTERVAL
        if not is_last and now - self.shown < interval:
            return
        self.shown = now
        line = text(schedule, now - self.started)
        end = "" if self.is_terminal and not is_last else "\n"
        start = "\r\x1b[K" if self.is_terminal else ""
        self.stream.write(start + line + end)
        self.stream.flush()
