"""simulate.py RESULTS [--jobs 1000000] [--cores 4]

Simulates `python -m planche.ray` on 1, 10, 100 and 1,000 nodes: the real schedule, with job times
drawn from those that a worker has measured (RESULTS, of `planche worker`). Each call costs some
milliseconds, the driver answers one call at a time, and nodes are lost at a given rate.
"""

import argparse
import heapq
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "packaging/wheel/python"))

from planche.schedule import Job, Schedule  # noqa: E402

SEED = 1


class Drawn(Job):
    """A job with a time instead of a line."""

    __slots__ = ("seconds",)

    def __init__(self, number, seconds):
        self.id, self.line, self.source = number, "", ""
        self.tries, self.kills, self.is_suspect = 0, 0, False
        self.seconds = seconds


def simulate(times, count, workers, args):
    """Seconds until all jobs are done, and the share of the workers' time that jobs took."""
    source = random.Random(SEED)
    jobs = [Drawn(number, source.choice(times)) for number in range(count)]
    work = sum(job.seconds for job in jobs)
    # The costliest first, as `planche plan` writes them.
    jobs.sort(key=lambda job: -job.seconds)
    schedule = Schedule(jobs, workers)
    # Workers start at different times; later, each event is a worker that has ended its batch.
    events = [(source.uniform(0, args.start), worker, None, False) for worker in range(workers)]
    heapq.heapify(events)
    driver = 0.0
    now = 0.0
    idle = []
    while events:
        now, worker, batch, is_lost = heapq.heappop(events)
        # The driver takes one answer at a time.
        driver = max(driver, now) + args.driver_ms / 1e3
        if batch is not None:
            seconds = sum(job.seconds for job in batch)
            if is_lost:
                schedule.lost(batch)
            else:
                schedule.answered(batch, ["{}"] * len(batch), seconds)
        idle.append(worker)
        while idle and (following := schedule.next()):
            worker = idle.pop()
            seconds = sum(job.seconds for job in following) + args.call_ms / 1e3
            is_lost = source.random() < seconds * args.lost_per_hour / 3600
            # Another machine takes the place of a lost one.
            seconds += args.start if is_lost else 0
            heapq.heappush(events, (driver + seconds, worker, following, is_lost))
    assert schedule.is_finished() and schedule.done == count
    end = max(now, driver)
    return end, work / (end * workers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", help="answers of `planche worker`")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1, 10, 100, 1000])
    parser.add_argument("--cores", type=int, default=4, help="workers of a node")
    parser.add_argument("--start", type=float, default=30.0, help="seconds in which workers start")
    parser.add_argument("--call-ms", type=float, default=5.0, help="cost of one remote call")
    parser.add_argument("--driver-ms", type=float, default=2.3, help="the driver's part of it: 440 calls per second")
    parser.add_argument("--lost-per-hour", type=float, default=0.05, help="how often an hour of a node ends with its loss")
    args = parser.parse_args()
    with open(args.results, encoding="utf-8") as file:
        answers = [json.loads(line) for line in file if line.strip()]
    times = [answer["cpu_ms"] / 1e3 for answer in answers if not answer.get("error") and not answer.get("reused")]
    mean = sum(times) / len(times)
    times.sort()
    print(f"{len(times)} measured jobs: mean {mean:.3f} s, median {times[len(times) // 2]:.3f} s, longest {times[-1]:.3f} s")
    print("| nodes | workers | hours | images/s | efficiency |")
    print("|---|---|---|---|---|")
    for nodes in args.nodes:
        workers = nodes * args.cores
        seconds, efficiency = simulate(times, args.jobs, workers, args)
        print(f"| {nodes:,} | {workers:,} | {seconds / 3600:.2f} | {args.jobs / seconds:,.0f} | {efficiency:.1%} |")


if __name__ == "__main__":
    main()
