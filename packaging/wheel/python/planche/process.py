"""One persistent `planche worker` process."""

import json
import subprocess
import threading
import time


class Process:
    """Starts a worker when there is work, and another one when it has ended."""

    def __init__(self, command, timeout):
        self.command = command
        self.timeout = timeout
        self.child = None

    def pid(self):
        """The process that works now, if there is one."""
        return self.child.pid if self.child else None

    def run(self, lines):
        """Does jobs in order. Returns the answers, the seconds, and the id of the job during which
        the process ended, if it did: the jobs after it have no answer."""
        started = time.monotonic()
        answers, killed = [], None
        for line in lines:
            answer = self._ask(line)
            if answer is None:
                killed = json.loads(line)["id"]
                self.close()
                break
            answers.append(answer)
        return answers, time.monotonic() - started, killed

    def _ask(self, line):
        if self.child is None:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
            )
        watchdog = threading.Timer(self.timeout, self.child.kill)
        watchdog.start()
        try:
            self.child.stdin.write(line + "\n")
            self.child.stdin.flush()
            answer = self.child.stdout.readline()
        except OSError:
            return None
        finally:
            watchdog.cancel()
        return answer.rstrip("\n") if answer.endswith("\n") else None

    def close(self):
        """Ends the process."""
        if self.child is None:
            return
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()
        self.child = None
