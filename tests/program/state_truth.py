"""What a state should have taken in: the rules of --state over whole contents, without any hash.

The rules are those of README, "Every night". A night is given as names and contents, in the order of
the inputs; afterwards `billed` are the contents that a plain run would have to be given.
"""

MOST_OF_A_LAST_LINE = 64 * 1024


def whole_lines(content):
    return content[:content.rfind(b"\n") + 1]


def border(content, at):
    """Where the next line begins, for the end of a line; None within one."""
    if content[:at][-1:] in (b"", b"\n"):
        return at
    rest = content[at:].lstrip(b" \t\r")
    if rest[:1] not in (b"", b"\n"):
        return None
    return len(content) - len(rest) + len(rest[:1])


def records_in(content, begin, end):
    """How many records of a content end within some of it."""
    ends_later = not content[:end].endswith(b"\n") and border(content, end) is not None
    return content.count(b"\n", begin, end) + ends_later


class Log:
    def __init__(self):
        self.name = None
        self.contents = []  # at each reading; each begins with the one before
        self.taken = b""    # whole lines that are billed
        self.end = 0        # of what has been read or passed over of the content
        self.last = b""     # what is billed besides, until it is read again
        self.run = 0        # that took something in last

    @property
    def content(self):
        return self.contents[-1]


class Taken:
    """What became of an input."""

    def __init__(self, name, content):
        self.name, self.content = name, content
        self.news, self.log, self.ranges = "known", None, []
        self.end = 0             # of what is read or passed over
        self.start_with_end = b""  # what it goes on with, with the end of the last line
        self.shared = 0          # records that count once
        self.begins_as = None    # what a new log begins like
        self.replaced = False

    def __repr__(self):
        return f"{self.name}: {self.news} {self.ranges} of {len(self.content)}"


class Start:
    """Known content that an input begins with: of a log (`content` of it), or of another input."""

    def __init__(self, content, log=None, taken=None):
        self.content, self.log, self.taken = content, log, taken

    @property
    def end(self):
        return (self.log or self.taken).end

    def is_latest(self):
        return self.taken is not None or self.content == self.log.content

    @property
    def key(self):
        return id(self.log or self.taken)


class Truth:
    def __init__(self):
        self.logs = []
        self.runs = 0

    def billed(self):
        return [(log.taken, log.last) for log in self.logs]

    def night(self, given):
        """Takes the inputs in; what became of each, in their order."""
        return Night(self, given).taken


class Night:
    def __init__(self, truth, given):
        self.truth = truth
        self.before = list(truth.logs)
        self.latest = {}
        for log in sorted(self.before, key=lambda log: log.run):
            self.latest[log.name] = log
        self.held = [log for log in self.before
                     if any(content.startswith(log.content) for content in given.values())]
        self.taken = [Taken(name, content) for name, content in given.items()]
        self.in_order = sorted(self.taken, key=lambda taken: len(taken.content))
        self.starts = {id(taken): self.starts_of(taken) for taken in self.taken}
        self.changes = []  # to the logs, after all has been decided
        self.taken_over = set()  # logs whose last line is read within an input
        self.find_ended()
        for taken in self.in_order:
            self.decide(taken)
        if any(taken.news != "known" for taken in self.taken):
            truth.runs += 1
        for change in self.changes:
            change()

    def find_ended(self):
        """What inputs go on with, with the end that they give its last line: known content, too."""
        self.ended, self.going_on = [], set()
        for taken in self.in_order:
            start = self.longest(self.starts[id(taken)])
            if not start or not start.is_latest() or start.content == taken.content \
                    or self.holder(taken) or self.heir(start) is not taken:
                continue
            self.going_on.add(start.key)
            end = border(taken.content, len(start.content))
            if not start.content.endswith(b"\n") and end is not None and end < len(taken.content):
                self.ended.append((taken.content[:end], start.log, start.taken))
                taken.start_with_end = taken.content[:end]

    def smaller(self, taken):
        return self.in_order[:self.in_order.index(taken)]

    def starts_of(self, taken):
        """Those of logs first."""
        if not taken.content:
            return []
        logs = [Start(content, log=log) for log in self.before for content in log.contents
                if taken.content.startswith(content)]
        inputs = [Start(other.content, taken=other) for other in self.smaller(taken)
                  if other.content and taken.content.startswith(other.content)]
        return logs + inputs

    @staticmethod
    def longest(starts):
        return max(starts, key=lambda start: len(start.content), default=None)

    def decide(self, taken):
        start = self.longest(self.starts[id(taken)])
        holder = self.holder(taken)
        if not taken.content:
            pass
        elif start and start.content == taken.content:
            taken.log = start.log or start.taken.log
        elif holder:
            taken.log = holder
        elif start and self.may_go_on(start) and self.heir(start) is taken:
            self.go_on(taken, start)
        else:
            self.anew(taken, start)
        self.compare_with_inputs(taken)
        latest = self.latest.get(taken.name)
        taken.replaced = latest is not None and latest not in self.held and (
            taken.news == "new" or not taken.content or taken.log is latest)
        if taken.replaced and taken.begins_as and taken.begins_as.log is latest:
            taken.begins_as = None  # that it was replaced is told

    def holder(self, taken):
        """A log that has held all of it: it did when it was read, or the smallest of the inputs that
        begin with it, and with no larger one that does, shows it."""
        logs = [start for start in self.starts[id(taken)] if start.log]
        for start in logs:
            if start.content == taken.content:
                return start.log
        for other in self.in_order:
            inner = self.longest([start for start in self.starts[id(other)] if start.taken])
            if inner is None or inner.taken is not taken:
                continue
            start = self.longest([start for start in self.starts[id(other)] if start.log])
            held_by = self.holder(other)
            if held_by or start and len(start.content) >= len(taken.content):
                return held_by or start.log
        return None

    @staticmethod
    def may_go_on(start):
        return start.is_latest() if start.log else start.taken.news != "known"

    def heir(self, start):
        """The input that may go on with it: the one of its name, else the first."""
        owner = start.log or start.taken
        if owner is start.taken and owner.log in self.before:
            owner = owner.log
        heirs = []
        for taken in self.taken:
            longest = self.longest(self.starts[id(taken)])
            if longest and longest.key == start.key and longest.content == start.content \
                    and longest.content != taken.content and not self.holder(taken):
                heirs.append(taken)
        return next((heir for heir in heirs if heir.name == owner.name), heirs[0])

    def anew(self, taken, start):
        taken.news, taken.log = "new", Log()
        if start and records_in(taken.content, 0, len(start.content)):
            taken.begins_as = start
        self.truth.logs.append(taken.log)
        self.take(taken)

    def go_on(self, taken, start):
        taken.news, taken.log = "grown", start.log or start.taken.log
        begin = border(taken.content, start.end)
        if begin is None:
            begin = len(whole_lines(taken.content[:start.end]))
        self.pass_over_parts(taken, begin, len(start.content))

    def part(self, taken, at):
        """Other known content that stands there, with a record at least."""
        rest = taken.content[at:]
        parts = [Start(content, log=log) for log in self.before if log is not taken.log
                 for content in log.contents]
        parts += [Start(other.content, taken=other) for other in self.smaller(taken)
                  if other.content and other.log is not taken.log]
        parts += [Start(content, log=log, taken=other) for content, log, other in self.ended
                  if (log or other.log) is not taken.log]
        part = self.longest([part for part in parts if rest.startswith(part.content)])
        return part if part and records_in(taken.content, at, at + len(part.content)) else None

    def pass_over_parts(self, taken, begin, at):
        """Reads what lies between the parts, and behind them."""
        at = border(taken.content, at)
        while at is not None and self.part(taken, at):
            part = self.part(taken, at)
            end = at + len(part.content)
            taken.shared += records_in(taken.content, at, end)
            after = border(taken.content, end)
            passed = len(whole_lines(taken.content[:end]))
            if passed < end and after is not None:
                ends = taken.content[:after].endswith(b"\n")
                read = part.is_latest() and part.end == len(part.content)
                if not ends or read or part.key in self.taken_over:
                    passed = after
                elif part.is_latest() and part.key not in self.going_on:
                    self.take_over_end(part)
            taken.ranges.append((begin, at))
            begin, at = passed, after
        self.take(taken, begin)

    def take_over_end(self, part):
        """The part's last line is read where it stands, with its end."""
        owner = part.taken
        if owner:
            owner.end = len(owner.content)
        else:
            self.taken_over.add(part.key)

        def change():
            log = part.log or owner.log
            if log.content == part.content:
                log.last, log.end = b"", len(part.content)
        self.changes.append(change)

    def take(self, taken, begin=0):
        """All of an input from where its reading begins."""
        whole = whole_lines(taken.content)
        taken.end = max(begin, len(whole))
        taken.ranges.append((begin, taken.end))
        last = taken.content[taken.end:]

        def change():
            log = taken.log
            log.name, log.run = taken.name, self.truth.runs
            if taken.start_with_end:
                log.contents.append(taken.start_with_end)
            log.contents.append(taken.content)
            log.taken += b"".join(taken.content[begin:end] for begin, end in taken.ranges)
            log.end = len(taken.content) - len(last)
            log.last = last if len(last) <= MOST_OF_A_LAST_LINE else b""
        self.changes.append(change)

    def compare_with_inputs(self, taken):
        if taken.news == "new":
            return
        other = self.longest([start for start in self.starts[id(taken)] if start.taken])
        if other and other.taken.log is taken.log:
            taken.shared += records_in(taken.content, 0, len(other.content))
