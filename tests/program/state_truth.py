"""What a state should have taken in: the rules of --state over whole contents, without any hash.

The rules are those of README, "Every night". A night is given as names and contents, in the order of
the inputs; afterwards `billed` are the contents that a plain run would have to be given.
"""

MOST_OF_A_LAST_LINE = 64 * 1024


def whole_lines(content):
    return content[:content.rfind(b"\n") + 1]


def records_in(content, begin, end):
    """How many records of a content end within some of it."""
    rest = content[end:]
    ends_later = not content[:end].endswith(b"\n") and (
        rest in (b"", b"\r") or rest.startswith((b"\n", b"\r\n")))
    return content.count(b"\n", begin, end) + ends_later


class Log:
    def __init__(self):
        self.name = None
        self.contents = []  # at each reading; each begins with the one before
        self.taken = b""    # whole lines that are billed
        self.last = b""     # what is billed besides, until it is read again
        self.run = 0        # that took something in last

    @property
    def content(self):
        return self.contents[-1]


class Taken:
    """What became of an input."""

    def __init__(self, name, content):
        self.name, self.content = name, content
        self.news, self.log, self.begin = "known", None, len(content)
        self.shared = 0          # records that count once
        self.begins_as = None    # the name of what a new log begins like
        self.replaced = False

    def __repr__(self):
        return f"{self.name}: {self.news} from {self.begin} of {len(self.content)}"


class Start:
    """Known content that an input begins with: of a log (`content` of it), or of another input."""

    def __init__(self, content, log=None, taken=None):
        self.content, self.log, self.taken = content, log, taken

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
        for taken in self.in_order:
            self.decide(taken)
        if any(taken.news != "known" for taken in self.taken):
            truth.runs += 1
        for change in self.changes:
            change()

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
        if not taken.content:
            pass
        elif start is None:
            self.anew(taken, None)
        elif start.content == taken.content or self.lies_between(taken, start):
            taken.log = start.log or start.taken.log
        elif self.may_go_on(start) and self.heir(start) is taken:
            self.go_on(taken, start)
        else:
            self.anew(taken, start)
        self.compare_with_inputs(taken)
        latest = self.latest.get(taken.name)
        taken.replaced = latest is not None and latest not in self.held and (
            taken.news == "new" or not taken.content or taken.log is latest)

    def lies_between(self, taken, start):
        return start.log is not None and not start.is_latest() and any(
            other.content.startswith(taken.content) and any(
                later.log is start.log and len(later.content) > len(start.content)
                for later in self.starts[id(other)])
            for other in self.taken)

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
                    and longest.content != taken.content:
                heirs.append(taken)
        return next((heir for heir in heirs if heir.name == owner.name), heirs[0])

    def anew(self, taken, start):
        taken.news, taken.log, taken.begin = "new", Log(), 0
        if start and records_in(taken.content, 0, len(start.content)):
            name = (start.log or start.taken).name
            taken.begins_as = name if name != taken.name else None
        self.truth.logs.append(taken.log)
        self.take(taken)

    def go_on(self, taken, start):
        taken.news, taken.log = "grown", start.log or start.taken.log
        taken.begin = len(whole_lines(start.content))
        self.pass_over_parts(taken, len(start.content))
        self.take(taken)

    def pass_over_parts(self, taken, at):
        while at < len(taken.content) and taken.content[:at].endswith(b"\n"):
            rest = taken.content[at:]
            parts = [Start(log.content, log=log) for log in self.before if log is not taken.log]
            parts += [Start(other.content, taken=other) for other in self.smaller(taken)
                      if other.content and other.log is not taken.log]
            part = self.longest([part for part in parts if rest.startswith(part.content)])
            if part is None or b"\n" not in part.content:
                return
            end = at + len(part.content)
            taken.begin = at + len(whole_lines(part.content))
            taken.shared += records_in(taken.content, at, end)
            if taken.begin < end and taken.content[end:].lstrip(b"\r")[:1] in (b"", b"\n"):
                self.end_in(part)
            at = end

    def end_in(self, part):
        """The part's last line is read with what goes on after it."""
        def change():
            log = part.log or part.taken.log
            if log.content == part.content:
                log.last = b""
        self.changes.append(change)

    def take(self, taken):
        """All of an input from where its reading begins."""
        def change():
            log, whole = taken.log, whole_lines(taken.content)
            log.name, log.run = taken.name, self.truth.runs
            log.contents.append(taken.content)
            log.taken += whole[taken.begin:]
            log.last = taken.content[len(whole):]
            if len(log.last) > MOST_OF_A_LAST_LINE:
                log.last = b""
        self.changes.append(change)

    def compare_with_inputs(self, taken):
        if taken.news == "new":
            return
        other = self.longest([start for start in self.starts[id(taken)] if start.taken])
        if other:
            taken.shared += records_in(taken.content, 0, len(other.content))
