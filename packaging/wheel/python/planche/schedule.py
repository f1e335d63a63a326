"""Which jobs run next, and what becomes of jobs whose worker failed. Pure: no processes, no clock."""

import json
from collections import deque

# Seconds that a batch should take: long against the cost of a remote call, short against the loss
# of a machine.
BATCH_SECONDS = 5.0
LARGEST_BATCH = 256
# How many batches a second the driver can take back: with thousands of workers, batches are longer.
BATCHES_PER_SECOND = 200
# The first batches measure how long a job takes.
FIRST_BATCH = 8
# How often to try a job whose store or disk failed.
TRIES = 3
# A job that has ended this many workers is not tried again.
KILLS = 2


class Job:
    """One line of a jobs file, and what happened to it so far."""

    __slots__ = ("id", "line", "source", "tries", "kills", "is_suspect")

    def __init__(self, line):
        parsed = json.loads(line)
        self.id = parsed["id"]
        self.source = parsed["source"]["blake3"]
        self.line = line.strip()
        self.tries = 0
        self.kills = 0
        # Whether it was in a batch that was lost with its machine: it then runs alone, so that the
        # next loss has one cause.
        self.is_suspect = False


class Schedule:
    """Hands out batches, and takes answers back."""

    def __init__(self, jobs, workers, batch_seconds=BATCH_SECONDS):
        self.waiting = deque(jobs)
        self.suspects = deque()
        self.workers = max(1, workers)
        self.batch_seconds = max(batch_seconds, self.workers / BATCHES_PER_SECOND)
        self.running = 0
        self.total = len(self.waiting)
        self.done = 0
        self.failed = 0
        self.retried = 0
        self.quarantined = []
        self._seconds = 0.0
        self._measured = 0

    def is_finished(self):
        return not (self.waiting or self.suspects or self.running)

    def size(self):
        """How many jobs the next batch has."""
        if not self._measured:
            return FIRST_BATCH
        each = max(self._seconds / self._measured, 1e-6)
        by_time = int(self.batch_seconds / each)
        # Towards the end, smaller and smaller, so that all workers end together; but not so small that
        # the driver cannot keep up.
        share = -(-len(self.waiting) // (2 * self.workers))
        least = int(self.workers / BATCHES_PER_SECOND / each) // 4
        return max(1, min(by_time, LARGEST_BATCH, max(share, least)))

    def next(self):
        """The next batch; empty if nothing waits."""
        if self.suspects:
            batch = [self.suspects.popleft()]
        else:
            count = min(self.size(), len(self.waiting))
            batch = [self.waiting.popleft() for _ in range(count)]
        if batch:
            self.running += 1
        return batch

    def answered(self, batch, answers, seconds, killed=None):
        """Takes the answers of a batch, in its order, and the id of the job that ended the worker's
        process, if one did: it and those after it have no answer. Returns the lines that are
        final."""
        self.running -= 1
        self._seconds += seconds
        self._measured += len(answers)
        final = []
        for job in batch[len(answers) :]:
            if job.id == killed:
                final += self._kill(job)
            else:
                self.waiting.append(job)
        for job, answer in zip(batch, answers):
            error = json.loads(answer).get("error")
            if error and error.get("retry") and job.tries + 1 < TRIES:
                job.tries += 1
                self.retried += 1
                self.waiting.append(job)
                continue
            self.done += 1
            self.failed += bool(error)
            final.append(answer)
        return final

    def lost(self, batch):
        """Takes back a batch whose worker is gone with its machine. Returns final lines."""
        self.running -= 1
        if len(batch) == 1 and batch[0].is_suspect:
            return self._kill(batch[0])
        for job in batch:
            job.is_suspect = True
            self.suspects.append(job)
        return []

    def _kill(self, job):
        job.kills += 1
        job.is_suspect = True
        if job.kills < KILLS:
            self.suspects.append(job)
            return []
        self.quarantined.append(job.id)
        self.done += 1
        self.failed += 1
        error = {
            "code": "worker-lost",
            "reason": f"{job.kills} workers ended while they did this job",
            "hint": "try it alone with `planche worker`, or raise `--memory`",
            "retry": False,
        }
        answer = {"v": 1, "id": job.id, "source": job.source, "outputs": [], "error": error}
        return [json.dumps(answer, separators=(",", ":"))]


def read_jobs(lines, finished):
    """The jobs of a file that are not finished, each once."""
    jobs, seen = [], set(finished)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            job = Job(line)
        except (ValueError, KeyError, TypeError) as error:
            raise SystemExit(f"line {number} of the jobs is not a job: {error!r}")
        if job.id not in seen:
            seen.add(job.id)
            jobs.append(job)
    return jobs


def read_finished(lines):
    """The ids of results that need no second try. A truncated line counts for nothing."""
    finished = set()
    for line in lines:
        try:
            answer = json.loads(line)
            error = answer.get("error")
            if answer["id"] and not error:
                finished.add(answer["id"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return finished
