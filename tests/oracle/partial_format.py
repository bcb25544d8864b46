"""An independent reader and writer of partials, the files of `billing aggregate --partial`.

It was written from docs/partial-format.md alone and shares no code with the program. The reader checks all that the page promises and raises Malformed where a file breaks a promise. The
writer checks nothing: with it, tests make files that are wrong in one place and right, checksums
included, in all the others.

Names are bytes; numbers are plain integers; rows name their task by its place in the list.
"""

import struct
from typing import NamedTuple

MAGIC = b"billing partial\n"
VERSION = 3
HEADER, TASKS, INPUTS, HEAD_END, ROWS, END, RECORDS = 1, 2, 3, 4, 5, 6, 7
ORDER = (HEADER, TASKS, INPUTS, HEAD_END, RECORDS, ROWS, END)
LARGEST_PAYLOAD = {HEADER: 64 << 10, TASKS: 256 << 10, INPUTS: 256 << 10, HEAD_END: 64,
                   RECORDS: 64 << 10, ROWS: 256 << 10, END: 64}
SKIPPABLE = 1 << 31  # and all kinds above
LARGEST_SKIPPABLE_PAYLOAD = 256 << 10
OPTIONS = ("group-by", "cycle", "timezone", "anchor-day", "since", "until", "status")
LATER_OPTIONS = ("unit", "quantity-digits", "negative", "split", "where", "dedupe-by", "dedupe-keep",
                 "dedupe-missing")  # only where they are not default
REASONS = ("too_long", "field_count", "bad_record", "bad_time", "bad_user", "bad_task", "bad_status",
           "bad_duration", "bad_quantity", "unrated_task")
OTHERS = ("directives", "duplicates", "events")  # among the counts of rejects
U64 = 2**64 - 1


class Malformed(Exception):
    """The file is not what the page says."""


def demand(holds, problem):
    if not holds:
        raise Malformed(problem)


class Earlier(NamedTuple):
    """What a file held when it was looked at before."""

    bytes: int
    hash: int


class Seen(NamedTuple):
    """What a run saw of a file that may grow; only in states."""

    bytes: int
    hash: int
    taken_bytes: int
    taken_lines: int
    last_line: bytes
    head: int = 0
    run: int = 1
    earlier: tuple = ()
    format: bytes = b""
    packed: tuple = ()  # of (bytes, hash, content)


class State(NamedTuple):
    """What makes a partial the state of incremental runs."""

    runs: int
    secret: bytes


class Input(NamedTuple):
    name: bytes
    bytes: int = 0
    records: int = 0
    accepted: int = 0
    filtered: int = 0
    blank: int = 0
    rejected: tuple = (0,) * len(REASONS)
    quantity: int = 0
    earliest: int = 0
    latest: int = 0
    seen: Seen | None = None
    piece: tuple | None = None  # where it begins, and whether it is the last
    duplicates: int = 0
    directives: int = 0
    events: int | None = None  # where the accepted records made more or fewer than one each

    def accepted_events(self):
        return self.accepted if self.events is None else self.events


class Row(NamedTuple):
    user: bytes
    when: int
    task: int
    extra: int
    quantity: int


class Record(NamedTuple):
    """One that stays of all with its key."""

    key: bytes  # 16, of which the first 8 are the high half
    input: int  # its place
    time: int
    status: int
    user: bytes
    events: tuple  # of (task, quantity)

    def order(self):
        return self.key[7::-1] + self.key[:7:-1]


class Partial(NamedTuple):
    events: bool
    options: dict
    tasks: list
    inputs: list
    rows: list
    state: State | None = None
    records: tuple = ()


# ---------------------------------------------------------------------------- XXH3-64
# In Python, so that the tests need no package; fast enough for a few MiB. Its seed is 0.

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578"
    "825ad07dccff7221b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea3"
    "71644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931"
    "c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")
P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
MIX_1, MIX_2 = 0x165667919E3779F9, 0x9FB21C651E98DF25
STRIPE, STRIPES_OF_A_BLOCK = 64, 16


def u32(data, at=0):
    return int.from_bytes(data[at:at + 4], "little")


def u64(data, at=0):
    return int.from_bytes(data[at:at + 8], "little")


def fold(a, b):
    product = a * b
    return (product & U64) ^ (product >> 64)


def avalanche(number):
    number ^= number >> 37
    number = number * MIX_1 & U64
    return number ^ (number >> 32)


def old_avalanche(number):
    number = (number ^ (number >> 33)) * P64_2 & U64
    number = (number ^ (number >> 29)) * P64_3 & U64
    return number ^ (number >> 32)


def mix_16(data, at, secret):
    return fold(u64(data, at) ^ u64(SECRET, secret), u64(data, at + 8) ^ u64(SECRET, secret + 8))


def hash_up_to_8(data):
    key = u64(SECRET, 8) ^ u64(SECRET, 16)
    number = (u32(data, len(data) - 4) + (u32(data) << 32)) ^ key
    number ^= rotated(number, 49) ^ rotated(number, 24)
    number = number * MIX_2 & U64
    number ^= (number >> 35) + len(data)
    number = number * MIX_2 & U64
    return number ^ (number >> 28)


def rotated(number, bits):
    return (number << bits | number >> (64 - bits)) & U64


def hash_up_to_16(data):
    low = u64(data) ^ u64(SECRET, 24) ^ u64(SECRET, 32)
    high = u64(data, len(data) - 8) ^ u64(SECRET, 40) ^ u64(SECRET, 48)
    swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
    return avalanche((len(data) + swapped + high + fold(low, high)) & U64)


def hash_up_to_128(data):
    size = len(data)
    total = size * P64_1
    for pair in range((size - 1) // 32 + 1):
        total += mix_16(data, 16 * pair, 32 * pair)
        total += mix_16(data, size - 16 * (pair + 1), 32 * pair + 16)
    return avalanche(total & U64)


def hash_up_to_240(data):
    total = len(data) * P64_1 + sum(mix_16(data, 16 * i, 16 * i) for i in range(8))
    total = avalanche(total & U64)
    for i in range(8, len(data) // 16):
        total += mix_16(data, 16 * i, 16 * (i - 8) + 3)
    total += mix_16(data, len(data) - 16, 136 - 17)
    return avalanche(total & U64)


def hash_long(data):
    lanes = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]
    keys = [struct.unpack_from("<8Q", SECRET, 8 * i) for i in range(STRIPES_OF_A_BLOCK)]
    last_keys = struct.unpack_from("<8Q", SECRET, len(SECRET) - STRIPE)
    for stripe in range((len(data) - 1) // STRIPE):
        accumulate(lanes, data, stripe * STRIPE, keys[stripe % STRIPES_OF_A_BLOCK])
        if (stripe + 1) % STRIPES_OF_A_BLOCK == 0:
            lanes = [(lane ^ (lane >> 47) ^ key) * P32_1 & U64
                     for lane, key in zip(lanes, last_keys)]
    accumulate(lanes, data, len(data) - STRIPE,
               struct.unpack_from("<8Q", SECRET, len(SECRET) - STRIPE - 7))
    total = len(data) * P64_1
    for i in range(4):
        total += fold(lanes[2 * i] ^ u64(SECRET, 11 + 16 * i),
                      lanes[2 * i + 1] ^ u64(SECRET, 19 + 16 * i))
    return avalanche(total & U64)


def accumulate(lanes, data, at, keys):
    words = struct.unpack_from("<8Q", data, at)
    for i in range(8):
        mixed = words[i] ^ keys[i]
        lanes[i] = (lanes[i] + words[i ^ 1] + (mixed & 0xFFFFFFFF) * (mixed >> 32)) & U64


def xxh3_64(data):
    size = len(data)
    if size > 240:
        return hash_long(data)
    if size > 128:
        return hash_up_to_240(data)
    if size > 16:
        return hash_up_to_128(data)
    if size > 8:
        return hash_up_to_16(data)
    if size >= 4:
        return hash_up_to_8(data)
    if size > 0:
        mixed = data[0] << 16 | data[size // 2] << 24 | data[-1] | size << 8
        return old_avalanche(mixed ^ u32(SECRET) ^ u32(SECRET, 4))
    return old_avalanche(u64(SECRET, 56) ^ u64(SECRET, 64))


# ---------------------------------------------------------------------------- reading


class Cursor:
    """Reads a payload from its start to its end."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def ended(self):
        return self.at == len(self.data)

    def take(self, count):
        demand(count <= len(self.data) - self.at, "a field goes beyond the end")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "little")

    def varint(self, bits=64):
        number = shift = 0
        while True:
            [byte] = self.take(1)
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                demand(number < 2**bits, f"a varint of more than {bits} bits")
                return number
            demand(shift < bits, "a varint of too many bytes")

    def zigzag(self, bits=64):
        number = self.varint(bits)
        return number >> 1 ^ -(number & 1)

    def signed(self, count):
        return int.from_bytes(self.take(count), "little", signed=True)

    def string(self):
        return self.take(self.varint())

    def flag(self):
        byte = self.number(1)
        demand(byte <= 1, "a flag that is neither 0 nor 1")
        return byte == 1

    def times(self, read_one):
        return [read_one() for _ in range(self.varint())]


def blocks_of(data):
    """Yields kind, payload and checksum of each block."""
    cursor = Cursor(data)
    demand(cursor.take(16) == MAGIC, "no partial")
    demand(cursor.number(4) == VERSION, "another version")
    while not cursor.ended():
        begin = cursor.at
        size, kind = cursor.number(4), cursor.number(4)
        demand(kind in LARGEST_PAYLOAD or kind >= SKIPPABLE, f"a block of kind {kind}")
        demand(1 <= size <= LARGEST_PAYLOAD.get(kind, LARGEST_SKIPPABLE_PAYLOAD),
               "a block that is empty or too large")
        payload = cursor.take(size)
        covered = data[begin:cursor.at]
        checksum = cursor.number(8)
        demand(checksum == xxh3_64(covered), "a wrong checksum")
        yield kind, payload, checksum


def read(data):
    """The partial that these bytes are."""
    blocks = list(blocks_of(data))
    demand(blocks[-1][0] == END, "no end")
    kinds = [kind for kind, _, _ in blocks if kind < SKIPPABLE]
    demand(kinds == sorted(kinds, key=ORDER.index), "blocks in another order")
    demand(kinds.count(HEADER) == kinds.count(HEAD_END) == kinds.count(END) == 1,
           "not one header, one end of the head and one end")
    check_head_end(blocks)
    of = {wanted: [Cursor(payload) for kind, payload, _ in blocks if kind == wanted]
          for wanted in LARGEST_PAYLOAD}
    partial = read_header(of[HEADER][0])
    partial.tasks.extend(read_tasks(of[TASKS]))
    partial.inputs.extend(read_inputs(of[INPUTS]))
    demand(all((made.seen is None) == (partial.state is None) for made in partial.inputs),
           "inputs that were seen and no state, or the other way round")
    for cursor in of[ROWS]:
        partial.rows.extend(read_rows(cursor, len(partial.tasks)))
    partial = partial._replace(records=tuple(read_records(of[RECORDS])))
    check_records(partial)
    check_order(partial)
    check_end(of[END][0], partial, [checksum for _, _, checksum in blocks[:-1]])
    return partial


def check_head_end(blocks):
    place = [kind for kind, _, _ in blocks].index(HEAD_END)
    before = [checksum for _, _, checksum in blocks[:place]]
    demand(blocks[place][1] == checksum_of(before), "a wrong checksum of the head")


def checksum_of(checksums):
    return struct.pack("<Q", xxh3_64(struct.pack(f"<{len(checksums)}Q", *checksums)))


def read_header(cursor):
    kind = cursor.string()
    demand(kind in (b"events", b"sums"), "another kind of rows")
    events = kind == b"events"
    options = cursor.times(lambda: (cursor.string().decode(), cursor.string().decode()))
    names = tuple(name for name, _ in options)
    demand(names[:len(OPTIONS)] == OPTIONS, "other options")
    demand(names[len(OPTIONS):] == tuple(name for name in LATER_OPTIONS if name in names),
           "other later options")
    state = State(cursor.varint(), cursor.take(192)) if cursor.flag() else None
    demand(cursor.ended(), "bytes behind the header's fields")
    made = Partial(events, dict(options), [], [], [], state)
    demand(cursor.data == header_payload(made), "a header in another spelling")
    return made


def read_tasks(cursors):
    tasks = []
    for cursor in cursors:
        while not cursor.ended():
            begin = cursor.at
            tasks.append(cursor.string())
            demand(cursor.data[begin:cursor.at] == string(tasks[-1]), "a task in another spelling")
    demand(all(a < b for a, b in zip(tasks, tasks[1:])), "tasks out of order")
    demand(all(is_name(task) for task in tasks), "a task that no log has")
    return tasks


def is_name(name):
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return False
    return 1 <= len(name) <= 255 and not any(
        ord(char) < 32 or 127 <= ord(char) < 160 for char in text)


def read_inputs(cursors):
    """The inputs; their order is by their name and then by the bytes of the head that follow it."""
    inputs, keys, missing = [], [], 0  # earlier contents of the last one that are still to come
    for cursor in cursors:
        while not cursor.ended():
            if missing:
                inputs[-1] = with_earlier(inputs[-1], read_earlier(cursor))
                missing -= 1
                continue
            begin = cursor.at
            made, missing = read_input_head(cursor)
            head = cursor.data[begin:cursor.at]
            demand(head == input_head(made, missing), "an input in another spelling")
            inputs.append(made)
            keys.append((made.name, head[len(string(made.name)):]))
    demand(not missing, "earlier contents are missing")
    demand(keys == sorted(keys), "inputs out of order")
    seen = [key for key, made in zip(keys, inputs) if made.seen is not None]
    demand(len(set(seen)) == len(seen), "an input twice in a state")
    for made in inputs:
        lengths = [each.bytes for each in made.seen.earlier] if made.seen else []
        demand(lengths == sorted(set(lengths)), "earlier contents out of order")
        demand(all(0 < length < made.seen.bytes for length in lengths), "earlier, but not shorter")
    demand(sum(made.records for made in inputs) <= U64, "too many records")
    demand(sum(made.bytes for made in inputs) <= U64, "too many bytes")
    demand(abs(sum(made.quantity for made in inputs)) < 2**126, "too large a quantity")
    return inputs


def with_earlier(made, content):
    return made._replace(seen=made.seen._replace(earlier=(*made.seen.earlier, content)))


def read_earlier(cursor):
    begin = cursor.at
    content = Earlier(cursor.varint(), cursor.number(16))
    demand(cursor.data[begin:cursor.at] == earlier_bytes(content),
           "an earlier content in another spelling")
    return content


def read_input_head(cursor):
    """An input without its earlier contents, and how many of those follow."""
    name = cursor.string()
    kind = cursor.varint()
    demand(kind <= 2, "another kind of piece")
    piece = (cursor.varint(), kind == 2) if kind else None
    totals = [cursor.varint() for _ in range(5)]
    counts = cursor.times(lambda: (cursor.string().decode(), cursor.varint()))
    demand(all(name in (*REASONS, *OTHERS) and (count or name == "events")
               for name, count in counts),
           "another reason, or none")
    demand([name for name, _ in counts] == sorted({name for name, _ in counts}),
           "reasons out of order")
    rejected = tuple(dict(counts).get(reason, 0) for reason in REASONS)
    quantity = cursor.signed(16)
    earliest, latest = cursor.zigzag(), cursor.zigzag()
    seen, earlier = None, 0
    kind = cursor.varint()
    demand(kind <= 2, "another kind of seen")
    if kind:
        seen = Seen(cursor.varint(), cursor.number(16), cursor.varint(), cursor.varint(),
                    cursor.string(), cursor.number(16), cursor.varint())
        earlier = cursor.varint()
        demand(seen.taken_bytes <= seen.bytes, "more taken in than there was")
    if kind == 2:
        seen = seen._replace(format=cursor.string(), packed=tuple(cursor.times(
            lambda: (cursor.varint(), cursor.number(16), cursor.varint()))))
        demand(seen.format or seen.packed, "a format that is none")
        demand(len(seen.packed) <= 16, "too many compressed files")
        demand(all(content <= seen.bytes for _, _, content in seen.packed), "more than there was")
    made = Input(name, *totals, rejected, quantity, earliest, latest, seen, piece,
                 dict(counts).get("duplicates", 0), dict(counts).get("directives", 0),
                 dict(counts).get("events"))
    demand(made.records == (made.accepted + sum(rejected) + made.filtered + made.blank
                            + made.duplicates + made.directives),
           "control totals that do not balance")
    return made, earlier


def read_records(cursors):
    for cursor in cursors:
        while not cursor.ended():
            begin = cursor.at
            made = Record(cursor.take(16), cursor.varint(), cursor.zigzag(), cursor.varint(),
                          cursor.string(), tuple(cursor.times(
                              lambda: (cursor.string(), cursor.zigzag()))))
            demand(cursor.data[begin:cursor.at] == record_bytes(made),
                   "a record in another spelling")
            yield made


def check_records(partial):
    if "dedupe-by" not in partial.options:
        demand(not partial.records, "records, and no key")
        demand(not any(made.duplicates for made in partial.inputs), "duplicates, and no key")
        return
    demand(all(a.order() < b.order() or a.key == b.key == bytes(16)
               for a, b in zip(partial.records, partial.records[1:])), "records out of order")
    for place, made in enumerate(partial.inputs):
        own = [record for record in partial.records if record.input == place]
        events = [quantity for record in own for task, quantity in record.events if task]
        told = (len(own), len(events), sum(events))
        demand(len(own) <= made.accepted and len(events) <= made.accepted_events(),
               "more records than the input accepted")
        if len(own) == made.accepted or not partial.rows:
            demand(told[1:] == (made.accepted_events(), made.quantity),
                   "records that are not what the input accepted")
        if own and len(own) == made.accepted:
            times = [record.time for record in own]
            demand((min(times), max(times)) == (made.earliest, made.latest),
                   "records of other times than the input's")
        demand(all(made.earliest <= record.time <= made.latest for record in own),
               "a record of another time than its input's")
    demand(all(record.input < len(partial.inputs) and is_name(record.user) and record.status <= 999
               and record.events for record in partial.records), "a record that no log has")
    least = 1 - 10**15 if "negative" in partial.options else 0
    for record in partial.records:
        demand(len(record.events) <= 64, "more events than a record has")
        demand(record.events == ((b"", 0),) or all(
            is_name(task) and least <= quantity < 10**15 for task, quantity in record.events),
            "an event that no log has")


def billed_events(partial):
    """Those of records: quantities."""
    return [quantity for record in partial.records for task, quantity in record.events if task]


def read_rows(cursor, task_count):
    before = b""
    while not cursor.ended():
        shared = cursor.varint()
        demand(shared <= len(before), "more shared bytes than the name before has")
        before = before[:shared] + cursor.string()
        yield from read_group(cursor, before, task_count)


def read_group(cursor, user, task_count):
    count, digits = cursor.varint(), cursor.varint()
    demand(count >= 1 and digits <= 9, "an empty group, or a unit of more than nine digits")
    when = 0
    for index in range(count):
        when += (cursor.varint() if index else cursor.zigzag()) * 10**digits
        demand(-2**63 <= when < 2**63, "a time beyond 64 bits")
        task, extra, quantity = cursor.varint(), cursor.varint(), cursor.zigzag(128)
        demand(task < task_count, "a task without a name")
        yield Row(user, when, task, extra, quantity)


def check_order(partial):
    rows = partial.rows
    demand(all(a <= b for a, b in zip(rows, rows[1:])), "rows out of order")
    if partial.events:
        return  # they may be alike, and runs of calls are by user, whether grouped by users or not
    keys = [row[:3] for row in rows]
    demand(len(set(keys)) == len(keys), "two sums of the same")
    if "user" not in partial.options["group-by"].split(","):
        demand(all(row.user == b"" for row in rows), "users, though not grouped by")


def calls_of(partial):
    return len(partial.rows) if partial.events else sum(row.extra for row in partial.rows)


def check_end(cursor, partial, checksums):
    demand(cursor.varint() == len(partial.rows), "another number of rows")
    calls = cursor.varint()
    demand(calls == calls_of(partial), "another number of calls")
    demand(calls + len(billed_events(partial)) == sum(each.accepted_events()
                                                 for each in partial.inputs),
           "calls that no input accepted")
    demand(cursor.signed(16) == sum(row.quantity for row in partial.rows), "another quantity")
    demand(cursor.take(8) == checksum_of(checksums), "a wrong checksum of the checksums")
    demand(cursor.ended(), "bytes behind the end's fields")


# ---------------------------------------------------------------------------- writing
# Each part can be called by itself; none looks at whether what it writes makes sense.


def varint(number):
    written = bytearray()
    while number >= 128:
        written.append(number & 127 | 128)
        number >>= 7
    return bytes(written + bytes([number]))


def zigzag(number, bits=64):
    return varint((number << 1 ^ number >> (bits - 1)) % 2**bits)


def signed(number, count):
    return number.to_bytes(count, "little", signed=True)


def string(content):
    return varint(len(content)) + content


def listed(pieces):
    """A count and so many pieces."""
    return varint(len(pieces)) + b"".join(pieces)


def block(kind, payload):
    covered = struct.pack("<II", len(payload), kind) + payload
    return covered + struct.pack("<Q", xxh3_64(covered))


def header_payload(partial):
    options = [string(name.encode()) + string(value.encode())
               for name, value in partial.options.items()]
    state = b"\0"
    if partial.state is not None:
        state = b"\1" + varint(partial.state.runs) + partial.state.secret
    return string(b"events" if partial.events else b"sums") + listed(options) + state


def input_pieces(made):
    """What a block may be cut between."""
    earlier = made.seen.earlier if made.seen else ()
    return [input_head(made, len(earlier)), *(earlier_bytes(each) for each in earlier)]


def input_head(made, earlier):
    totals = (made.bytes, made.records, made.accepted, made.filtered, made.blank)
    written = string(made.name)
    written += b"\0" if made.piece is None else bytes([1 + made.piece[1]]) + varint(made.piece[0])
    written += b"".join(varint(number) for number in totals)
    counts = [*zip(REASONS, made.rejected), ("duplicates", made.duplicates),
              ("directives", made.directives), ("events", made.events)]
    written += listed([string(name.encode()) + varint(count)
                       for name, count in sorted(counts, key=lambda one: one[0])
                       if count or (name == "events" and count is not None)])
    written += signed(made.quantity, 16) + zigzag(made.earliest) + zigzag(made.latest)
    if made.seen is None:
        return written + b"\0"
    seen = made.seen
    more = b""
    if seen.format or seen.packed:
        more = string(seen.format) + listed([
            varint(size) + hashed.to_bytes(16, "little") + varint(content)
            for size, hashed, content in seen.packed])
    return (written + (b"\2" if more else b"\1") + varint(seen.bytes) + seen.hash.to_bytes(16, "little")
            + varint(seen.taken_bytes) + varint(seen.taken_lines) + string(seen.last_line)
            + seen.head.to_bytes(16, "little") + varint(seen.run) + varint(earlier) + more)


def earlier_bytes(content):
    return varint(content.bytes) + content.hash.to_bytes(16, "little")


def record_bytes(made):
    return (made.key + varint(made.input) + zigzag(made.time) + varint(made.status)
            + string(made.user)
            + listed([string(task) + zigzag(quantity) for task, quantity in made.events]))


def group(rest, rows, shared=0, digits=0, count=None):
    """One user's rows. count: what the file says of their number, if not the truth."""
    written = varint(shared) + string(rest) + varint(len(rows) if count is None else count)
    written += varint(digits)
    before = None
    for row in rows:
        when = row.when // 10**digits
        written += zigzag(when) if before is None else varint((when - before) & U64)
        written += varint(row.task) + varint(row.extra) + zigzag(row.quantity, 128)
        before = when
    return written


def rows_payload(rows):
    """Neighbours of the same user as one group; names are written whole."""
    groups = []
    for row in rows:
        if groups and groups[-1][0].user == row.user:
            groups[-1].append(row)
        else:
            groups.append([row])
    return b"".join(group(of_user[0].user, of_user) for of_user in groups)


def end_payload(rows, calls, quantity, blocks):
    checksums = b"".join(each[-8:] for each in blocks)
    return (varint(rows) + varint(calls) + signed(quantity, 16)
            + struct.pack("<Q", xxh3_64(checksums)))


def end_block(blocks, partial, **told):
    """The end of these blocks. told: rows, calls, quantity, if not those of `partial`."""
    totals = {"rows": len(partial.rows), "calls": calls_of(partial),
              "quantity": sum(row.quantity for row in partial.rows), **told}
    return block(END, end_payload(**totals, blocks=blocks))


def whole_file(blocks, version=VERSION):
    return MAGIC + struct.pack("<I", version) + b"".join(blocks)


def cut(pieces, size=60_000):
    """These pieces, joined to payloads of about so many bytes."""
    payloads = []
    for piece in pieces:
        if not payloads or len(payloads[-1]) >= size:
            payloads.append(b"")
        payloads[-1] += piece
    return payloads


def head_end(blocks):
    return block(HEAD_END, struct.pack("<Q", xxh3_64(b"".join(each[-8:] for each in blocks))))


def front_blocks(partial, header=None, tasks=None, inputs=None):
    """The blocks before the rows."""
    if header is None:
        header = header_payload(partial)
    if tasks is None:
        tasks = cut([string(task) for task in partial.tasks])
    if inputs is None:
        inputs = cut(piece for made in partial.inputs for piece in input_pieces(made))
    blocks = ([block(HEADER, header)] + [block(TASKS, payload) for payload in tasks]
              + [block(INPUTS, payload) for payload in inputs])
    return blocks + [head_end(blocks)]


def assemble(partial, row_payloads, version=VERSION, header=None, tasks=None, inputs=None,
             records=None, **told):
    """A file with these payloads of rows. header, tasks, inputs, records: their payloads, if not
    those of `partial`."""
    blocks = front_blocks(partial, header, tasks, inputs)
    if records is None:
        records = cut([record_bytes(made) for made in partial.records], 16_000)
    blocks += [block(RECORDS, payload) for payload in records]
    blocks += [block(ROWS, payload) for payload in row_payloads]
    return whole_file(blocks + [end_block(blocks, partial, **told)], version)


def write(partial, rows_of_a_block=1000, **settings):
    """The file of a partial, its rows as they are."""
    rows = partial.rows
    return assemble(partial, [rows_payload(rows[begin:begin + rows_of_a_block])
                              for begin in range(0, len(rows), rows_of_a_block)], **settings)
