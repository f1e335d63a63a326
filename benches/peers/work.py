"""What a peer is given and gives: pictures with the widths that are wanted, and a command to measure."""

import json
import os
import shutil
from dataclasses import dataclass, field


@dataclass
class Command:
    """What is measured, from its start to its end."""

    argv: list
    env: dict = field(default_factory=dict)
    folder: str = "."


def given(job, folder):
    """Gives a peer the pictures of a job in a folder of its own."""
    # A hard link changes the times of the file that all links share, and programs that track files
    # would read each of them again.
    give = shutil.copy2 if job["warm"] else os.link
    os.makedirs(folder)
    for picture in job["pictures"]:
        give(picture["file"], os.path.join(folder, os.path.basename(picture["file"])))


def written(job, folder, pictures):
    """The job as a file for a driver, with the pictures where the peer has them."""
    own = [
        {**picture, "file": os.path.join(pictures, os.path.basename(picture["file"]))}
        for picture in job["pictures"]
    ]
    path = os.path.join(folder, "job.json")
    with open(path, "w") as file:
        json.dump({**job, "pictures": own}, file)
    return path


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
