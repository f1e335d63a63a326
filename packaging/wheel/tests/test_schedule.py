"""The schedule, without processes; and one process, if the variable PLANCHE names the program."""

import io
import json
import os
import sys
import tempfile
import unittest

from planche import progress, schedule
from planche.process import Process
from planche.ray import run
from planche.schedule import FIRST_BATCH, LARGEST_BATCH, Job, Schedule


def line(number):
    return json.dumps({"id": f"job-{number}", "source": {"blake3": f"source-{number}"}})


def jobs(count):
    return [Job(line(number)) for number in range(count)]


def answer(job, error=None):
    told = {"v": 1, "id": job.id, "outputs": []}
    return json.dumps({**told, "error": error} if error else told)


class Batches(unittest.TestCase):
    def test_a_batch_takes_some_seconds_and_the_last_ones_are_small(self):
        plan = Schedule(jobs(10_000), workers=4)
        first = plan.next()
        self.assertEqual(len(first), FIRST_BATCH)
        plan.answered(first, [answer(job) for job in first], seconds=FIRST_BATCH * 0.05)
        self.assertEqual(plan.size(), 100)
        second = plan.next()
        plan.answered(second, [answer(job) for job in second], seconds=0.1)
        self.assertEqual(plan.size(), LARGEST_BATCH)
        sizes = []
        while batch := plan.next():
            sizes.append(len(batch))
            plan.answered(batch, [answer(job) for job in batch], seconds=len(batch) * 0.02)
        self.assertEqual(sizes[-1], 1)
        self.assertEqual(sum(sizes) + FIRST_BATCH + len(second), 10_000)
        self.assertTrue(plan.is_finished())
        self.assertEqual((plan.done, plan.failed), (10_000, 0))

    def test_slow_jobs_are_batches_of_one(self):
        plan = Schedule(jobs(100), workers=2)
        first = plan.next()
        plan.answered(first, [answer(job) for job in first], seconds=FIRST_BATCH * 60)
        self.assertEqual(plan.size(), 1)


class Faults(unittest.TestCase):
    def test_only_faults_of_the_environment_are_tried_again(self):
        plan = Schedule(jobs(2), workers=1)
        full = {"code": "unwritable", "reason": "disk full", "retry": True}
        torn = {"code": "undecodable-upload", "reason": "torn", "retry": False}
        final, rounds = [], 0
        while batch := plan.next():
            rounds += 1
            told = [answer(job, full if job.id == "job-0" else torn) for job in batch]
            final += plan.answered(batch, told, seconds=1)
        self.assertEqual(rounds, schedule.TRIES)
        self.assertEqual([json.loads(one)["id"] for one in final], ["job-1", "job-0"])
        self.assertEqual((plan.done, plan.failed, plan.retried), (2, 2, 2))

    def test_a_job_that_ends_two_workers_is_quarantined_and_the_others_are_done(self):
        plan = Schedule(jobs(6), workers=1)
        final = []
        while batch := plan.next():
            told, killed = [], None
            for job in batch:
                if job.id == "job-2":
                    killed = job.id
                    break
                told.append(answer(job))
            final += plan.answered(batch, told, 1, killed)
        self.assertEqual(plan.quarantined, ["job-2"])
        by_id = {json.loads(one)["id"]: json.loads(one) for one in final}
        self.assertEqual(len(final), 6)
        self.assertEqual(by_id["job-2"]["error"]["code"], "worker-lost")
        self.assertEqual(by_id["job-2"]["source"], "source-2")
        self.assertNotIn("error", by_id["job-5"])

    def test_jobs_of_a_lost_machine_run_alone_and_only_the_guilty_one_is_blamed(self):
        plan = Schedule(jobs(5), workers=1)
        final, lost = [], 0
        while batch := plan.next():
            if any(job.id == "job-3" for job in batch):
                lost += 1
                final += plan.lost(batch)
            else:
                final += plan.answered(batch, [answer(job) for job in batch], 1)
        self.assertEqual(plan.quarantined, ["job-3"])
        self.assertEqual(lost, 3)
        self.assertEqual(len(final), 5)

    def test_a_lost_machine_alone_blames_nobody(self):
        plan = Schedule(jobs(5), workers=1)
        plan.lost(plan.next())
        while batch := plan.next():
            self.assertEqual(len(batch), 1)
            plan.answered(batch, [answer(batch[0])], 1)
        self.assertEqual((plan.done, plan.failed, plan.quarantined), (5, 0, []))


class Files(unittest.TestCase):
    def test_finished_jobs_are_not_done_again(self):
        results = [answer(Job(line(1))), answer(Job(line(2)), {"code": "x", "reason": "y"}), '{"id":"jo']
        finished = schedule.read_finished(results + ["", "[]", "3"])
        self.assertEqual(finished, {"job-1"})
        again = [line(1), line(2), "", line(2), line(3)]
        self.assertEqual([job.id for job in schedule.read_jobs(again, finished)], ["job-2", "job-3"])
        with self.assertRaises(SystemExit) as failed:
            schedule.read_jobs([line(1), "no job"], set())
        self.assertIn("line 2", str(failed.exception))


class FakePool:
    """A cluster whose workers answer at once; the `n`th call is lost."""

    def __init__(self, lost=()):
        self.idle, self.busy, self.calls, self.lost = ["worker"], {}, 0, lost

    def grow(self):
        self.idle = self.idle or ([] if self.busy else ["worker"])

    def submit(self, batch):
        self.calls += 1
        self.busy[self.calls] = (self.idle.pop(), batch)

    def wait(self):
        call, (worker, batch) = self.busy.popitem()
        if call in self.lost:
            return [(batch, None)]
        self.idle.append(worker)
        return [(batch, ([answer(job) for job in batch], 0.1, None))]


class Loop(unittest.TestCase):
    def test_every_job_has_one_line_although_workers_are_lost(self):
        plan, lines, shown = Schedule(jobs(50), workers=1), [], io.StringIO()
        run(plan, FakePool(lost={1, 4}), lines.append, progress.Progress(shown))
        self.assertEqual(sorted({json.loads(one)["id"] for one in lines}), sorted(job.id for job in jobs(50)))
        self.assertEqual(len(lines), 50)
        self.assertIn("50/50 images", shown.getvalue())


class Processes(unittest.TestCase):
    def test_a_process_that_ends_names_its_job_and_another_one_follows(self):
        script = "import sys\nfor line in sys.stdin:\n  if 'job-1' in line: sys.exit(1)\n  print(line, end='', flush=True)"
        process = Process([sys.executable, "-c", script], timeout=60)
        answers, _, killed = process.run([line(0), line(1), line(2)])
        self.assertEqual(([json.loads(one)["id"] for one in answers], killed), (["job-0"], "job-1"))
        answers, _, killed = process.run([line(2)])
        self.assertEqual((len(answers), killed), (1, None))
        process.close()

    def test_a_job_without_end_is_ended(self):
        process = Process([sys.executable, "-c", "import time\ntime.sleep(600)"], timeout=0.5)
        answers, seconds, killed = process.run([line(7)])
        self.assertEqual((answers, killed), ([], "job-7"))
        self.assertLess(seconds, 300)

    @unittest.skipUnless("PLANCHE" in os.environ, "PLANCHE names no program")
    def test_the_program_answers_line_by_line(self):
        with tempfile.TemporaryDirectory() as folder:
            process = Process([os.environ["PLANCHE"], "worker", "--store", folder], timeout=60)
            answers, _, killed = process.run(["garbage", "{}"])
            process.close()
        self.assertIsNone(killed)
        self.assertEqual([json.loads(one)["error"]["code"] for one in answers], ["invalid-job"] * 2)


if __name__ == "__main__":
    unittest.main()
