"""Calls at random of which many are the same: the same for the same seed."""

import json

from program_fixture import record

RATES = ("-r", "*=0.37")
COUNTS = ("records", "accepted", "rejected", "filtered", "duplicates", "blank", "quantity",
          "earliest", "latest", "bytes")


def summary_of(result):
    return json.loads(result.err.splitlines()[-1])


class Calls:
    """Calls at random, few of which have a key of their own, in one of the formats."""

    FORMATS = ("json", "csv", "text", "measures")

    def __init__(self, choice, kind):
        self.choice, self.kind = choice, kind
        self.options = {"json": ["--format", "json"], "csv": ["--format", "csv"], "text": [],
                        "measures": ["--format", "json", "--measure", "in=in", "--measure",
                                     "out=out"]}[kind]
        key = choice.choice(("time,status", "user,task") if kind == "text" else ("id", "id,user"))
        self.options += ["--dedupe-by", key]
        if choice.random() < 0.5:
            self.options += ["--dedupe-keep", "largest"]
        if kind != "text" and choice.random() < 0.3:
            self.options += ["--dedupe-missing", "keep"]
        if choice.random() < 0.3:
            self.options += ["--where", "user != 'c'"]
        cycles = ("month", "day", "all") + (("calls:3",) if kind != "measures" else ())
        self.options += ["--cycle", choice.choice(cycles), "-g", "user,cycle,task"]

    def line(self):
        choice = self.choice
        time = f"2025-0{choice.randint(1, 5)}-{choice.randint(10, 28)}T10:00:0{choice.randint(0, 9)}Z"
        user, task = choice.choice("abcd"), choice.choice(("chat", "embed", "image"))
        quantity, key = choice.randint(0, 120), choice.choice(("", *range(40)))
        if self.kind == "text":
            return record(user, task, quantity, time=time, status=choice.choice((200, 201, 404)))
        if self.kind == "csv":
            return f"{time},{user},{task},200,{key},{quantity}"
        call = {"time": time, "user": user, "task": task, "id": key or None}
        if self.kind == "measures":
            return json.dumps({**call, "in": choice.choice((0, quantity)), "out": quantity % 3})
        return json.dumps({**call, "quantity": quantity})

    def log(self, lines):
        head = ["time,user,task,status,id,quantity"] if self.kind == "csv" else []
        return "".join(line + "\n" for line in [*head, *(self.line() for _ in range(lines))])
