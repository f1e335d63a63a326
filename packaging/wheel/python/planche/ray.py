"""Does the jobs of `planche plan` on a Ray cluster:

    python -m planche.ray jobs.ndjson --store /shared/store --address auto

Each actor owns one persistent `planche worker`. Results are appended to a file as they come; a run
that is started again continues after them, and takes from the store what was made before.
"""

import argparse
import os
import sys
import time

from planche.process import Process
from planche.progress import Progress
from planche.schedule import BATCH_SECONDS, Schedule, read_finished, read_jobs

# How long a cluster may be without any worker.
PATIENCE = 300.0
# How often to check the size of the cluster.
LOOK = 5.0


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python -m planche.ray", description="Do the jobs of `planche plan` on a Ray cluster."
    )
    parser.add_argument("jobs", help="file of `planche plan --jobs-out`")
    parser.add_argument("--store", required=True, help="where originals are and files go: a folder that all nodes share")
    parser.add_argument("--address", help="Ray cluster; `auto` finds the one of this machine [default: start one here]")
    parser.add_argument("--results", default="results.ndjson", help="file that results are appended to [default: %(default)s]")
    parser.add_argument("--workers", type=int, help="most workers [default: one per CPU of the cluster]")
    parser.add_argument("--memory", help="memory limit of each worker, such as 1GiB")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds after which a job's worker is ended [default: %(default)s]")
    parser.add_argument("--batch-seconds", type=float, default=BATCH_SECONDS, help="length of a batch [default: %(default)s]")
    parser.add_argument("--program", default="planche", help="the program, on every node [default: %(default)s]")
    return parser.parse_args(argv)


class Pool:
    """Actors on a Ray cluster, as many as it has CPUs. Only those that are up get work."""

    def __init__(self, ray, command, timeout, most):
        self.ray = ray
        self.most = most
        self.starting = {}
        self.idle = []
        self.busy = {}
        # Process and node of each running actor.
        self.places = {}
        self.looked = None

        @ray.remote(num_cpus=1, max_restarts=0)
        class Actor:
            def __init__(self):
                self.process = Process(command, timeout)

            def ready(self):
                return os.getpid(), ray.get_runtime_context().get_node_id()

            def run(self, lines):
                return self.process.run(lines)

        self.Actor = Actor

    def size(self):
        """How many workers the cluster has room for."""
        cpus = int(self.ray.cluster_resources().get("CPU", 0))
        return max(1, min(cpus, self.most) if self.most else cpus)

    def grow(self):
        """Starts actors where there is room, from time to time."""
        now = time.monotonic()
        if self.looked is not None and now - self.looked < LOOK:
            return
        self.looked = now
        missing = self.size() - len(self.starting) - len(self.idle) - len(self.busy)
        for _ in range(missing):
            actor = self.Actor.remote()
            self.starting[actor.ready.remote()] = actor

    def submit(self, batch):
        actor = self.idle.pop()
        call = actor.run.remote([job.line for job in batch])
        self.busy[call] = (actor, batch)

    def wait(self):
        """Waits a moment. Returns pairs of a batch and its answer, which is `None` if the worker is
        gone with its machine."""
        calls = list(self.busy) + list(self.starting)
        if not calls:
            time.sleep(0.2)
            return []
        ready, _ = self.ray.wait(calls, num_returns=1, timeout=0.5)
        if ready:
            # Whatever else has come meanwhile.
            ready, _ = self.ray.wait(calls, num_returns=len(calls), timeout=0)
        finished = []
        for call in ready:
            actor, batch = self.busy.pop(call, (None, None))
            actor = actor or self.starting.pop(call)
            try:
                answer = self.ray.get(call)
                if batch is None:
                    self.places[actor] = answer
            except self.ray.exceptions.RayError as error:
                print(f"a worker is gone: {type(error).__name__}", file=sys.stderr)
                answer = None
                self.looked = None
            else:
                self.idle.append(actor)
            if batch is not None:
                finished.append((batch, answer))
        return finished


def run(schedule, pool, write, progress):
    """Does all jobs; `write` takes the lines that are final."""
    seen = time.monotonic()
    while not schedule.is_finished():
        pool.grow()
        while pool.idle:
            batch = schedule.next()
            if not batch:
                break
            pool.submit(batch)
        for batch, answer in pool.wait():
            if answer is None:
                lines = schedule.lost(batch)
            else:
                answers, seconds, killed = answer
                lines = schedule.answered(batch, answers, seconds, killed)
            for line in lines:
                write(line)
        if pool.idle or pool.busy:
            seen = time.monotonic()
        elif time.monotonic() - seen > PATIENCE:
            raise SystemExit("the cluster has had no worker for five minutes; start the command again to continue")
        progress.show(schedule)
    progress.show(schedule, is_last=True)


def main(argv=None):
    args = arguments(argv)
    try:
        import ray
    except ImportError:
        raise SystemExit("Ray is not installed: pip install ray")
    try:
        with open(args.results, encoding="utf-8") as file:
            finished = read_finished(file)
    except FileNotFoundError:
        finished = set()
    with open(args.jobs, encoding="utf-8") as file:
        jobs = read_jobs(file, finished)
    if finished:
        print(f"{len(finished)} results are there already", file=sys.stderr)
    command = [args.program, "worker", "--store", args.store]
    if args.memory:
        command += ["--memory", args.memory]
    ray.init(address=args.address, log_to_driver=True)
    pool = Pool(ray, command, args.timeout, args.workers)
    schedule = Schedule(jobs, pool.size(), args.batch_seconds)
    # The last line of a run that was killed may lack its end.
    with open(args.results, "a", encoding="utf-8") as results:
        if results.tell():
            results.write("\n")

        def write(line):
            results.write(line + "\n")
            results.flush()

        run(schedule, pool, write, Progress())
    print(
        f"{schedule.done - schedule.failed} done, {schedule.failed} failed, "
        f"{schedule.retried} tried again, {len(schedule.quarantined)} quarantined",
        file=sys.stderr,
    )
    for job in schedule.quarantined:
        print(f"quarantined: {job}", file=sys.stderr)
    return 1 if schedule.failed else 0


if __name__ == "__main__":
    sys.exit(main())
