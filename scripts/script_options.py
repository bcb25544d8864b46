"""What options of several scripts have in common."""

import argparse
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def billing_program():
    """The program that BILLING names, or that of the release build."""
    return os.path.abspath(os.environ.get("BILLING") or ROOT / "build" / "release" / "billing")


def emptied(folder):
    """A folder of the script's own, made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
