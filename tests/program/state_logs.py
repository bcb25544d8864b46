"""Logs of all formats and wrappers, as --state takes them."""

import itertools
import json

from program_fixture import record

TIME = "2025-05-02T23:16:{:02d}Z"
NAMES = ("ann", "bob", "ann", "eve", "bob", "zoë")


def web_log(*users, seconds="0.010"):
    return "".join(f'192.0.2.1 - {user} [02/May/2025:23:16:{i:02d} +0000] "GET /a HTTP/1.1" 200 5 "-" '
                   f'"curl/8" {seconds}\n' for i, user in zip(itertools.cycle(range(60)), users)).encode()


def combined_log(*users):
    return "".join(f'192.0.2.1 - {user} [02/May/2025:23:16:{i:02d} +0000] "GET /a HTTP/1.1" 200 5 "-" '
                   f'"curl/8"\n' for i, user in zip(itertools.cycle(range(60)), users)).encode()


def json_log(*users, quantity=1.5):
    return "".join(json.dumps({"time": TIME.format(i), "user": user, "task": "t", "status": 200,
                               "quantity": quantity}, ensure_ascii=False) + "\n"
                   for i, user in zip(itertools.cycle(range(60)), users)).encode()


def logfmt_log(*users):
    return "".join(f'time={TIME.format(i)} user="{user}" task=t status=200 quantity=1.5\n'
                   for i, user in zip(itertools.cycle(range(60)), users)).encode()


def csv_log(*users, header="time,user,task,status,quantity,note\n", between='say ""hi""\nthere, you'):
    rows = "".join(f'{TIME.format(i)},{user},t,200,1.5,"{between}"\n'
                   for i, user in zip(itertools.cycle(range(60)), users))
    return (header + rows).encode()


TIMED = ('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
         '"$http_referer" "$http_user_agent" $request_time')


TEXT = (record("ann") + "\nbad\n" + record("bob", ms=7) + "\n").encode()

def iis_log(*users, columns="date time c-ip cs-username cs-method cs-uri-stem sc-status time-taken",
            software=True):
    values = {"date": "2025-05-02", "c-ip": "192.0.2.1", "cs-method": "GET", "cs-uri-stem": "/a",
              "sc-status": "200", "time-taken": "15"}
    rows = "".join(" ".join({**values, "time": f"23:16:{i:02d}", "cs-username": user}[column]
                            for column in columns.split()) + "\n"
                   for i, user in zip(itertools.cycle(range(60)), users))
    head = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n" if software else ""
    return (head + f"#Fields: {columns}\n" + rows).encode()


# Other columns in another order, from some line on.
IIS = iis_log("ann", "bob") + iis_log(
    "eve", "ann", columns="date time time-taken cs-username c-ip cs-uri-stem cs-method")
CLOUDFRONT = ("#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken\n"
              + "".join(f"2025-05-02\t23:16:{i:02d}\t192.0.2.{i}\tGET\t/a\t200\t0.{i}25\n"
                        for i in range(1, 4))
              + "#Fields: date time c-ip time-taken cs-method cs-uri-stem\n"
              + "2025-05-02\t23:17:00\t192.0.2.9\t0.125\tGET\t/a\n").encode()


def docker(line, stream="stdout"):
    return json.dumps({"log": line, "stream": stream, "time": TIME.format(1)},
                      separators=(",", ":"), ensure_ascii=False) + "\n"


def in_docker(content, noise=True):
    """Every third line in two parts, with lines of the other stream between these."""
    made = ""
    for number, line in enumerate(content.decode().splitlines(keepends=True)):
        if number % 3 == 1:
            made += docker(line[:9]) + (docker("a worker has started\n", "stderr") if noise else "")
            line = line[9:]
        made += docker(line)
    return made.encode()


def in_cri(content, stream="stdout", noise=True):
    made = ""
    for number, line in enumerate(content.decode().splitlines()):
        if number % 3 == 1:
            made += f"{TIME.format(2)} {stream} P {line[:9]}\n"
            made += f"{TIME.format(2)} stderr F [notice]\n" if noise else ""
            made += f"{TIME.format(2)} {stream} P {line[9:12]}\n"
            line = line[12:]
        made += f"{TIME.format(2)} {stream} F {line}\n"
    return made.encode()


def in_lines(content, head):
    return "".join(head + line for line in content.decode().splitlines(keepends=True)).encode()


SYSLOG = "May  2 23:16:50 host app[1]: "
COMPOSE = "web-1  | "


def pretty_json(*users, end="\n"):
    return "".join(json.dumps({"time": TIME.format(i), "user": user, "task": "a } {", "status": 200,
                               "quantity": 1.5, "more": {"x": [1, {}]}}, indent=2) + end
                   for i, user in zip(itertools.cycle(range(60)), users)).encode()


def json_array(*users, indent=2, end="\n"):
    return (json.dumps([{"time": TIME.format(i), "user": user, "task": "a ]", "quantity": 1.5}
                        for i, user in zip(itertools.cycle(range(60)), users)],
                       indent=indent) + end).encode()


def cri_line(stream, tag, text):
    return f"{TIME.format(3)} {stream} {tag} {text}\n"


def mixed_streams():
    """Parts of both streams in turn, and whole lines between them."""
    lines = json_log("ann", "bob", "eve", "zed", "ann").decode().splitlines()
    return (cri_line("stdout", "P", lines[0][:20]) + cri_line("stderr", "P", lines[1][:30])
            + cri_line("stdout", "F", lines[0][20:]) + cri_line("stdout", "F", lines[2])
            + cri_line("stdout", "P", lines[3][:5]) + cri_line("stderr", "F", lines[1][30:])
            + cri_line("stdout", "F", lines[3][5:]) + cri_line("stderr", "F", lines[4])).encode()


MIXED = mixed_streams()

# Logs that `auto` recognises, and others; with the options by which they are read.
LOGS = {
    "json": (json_log("ann", "bob", "zoë"), ()),
    "csv": (csv_log("ann", "bob"), ()),
    "combined": (combined_log("ann", "bob"), ()),
    "logfmt": (logfmt_log("ann", "bo b"), ()),
    "text": (TEXT.replace(b"bad\n", b""), ()),
    "bad text": (TEXT, ("--format", "text")),
    "web": (web_log("ann", "al ice") + b"GET / bad\n" + web_log("bob"), ("--log-format", TIMED)),
    "bad combined": (combined_log("ann", "bob") + b"192.0.2.1 bad\n" + combined_log("eve"),
                     ("--format", "combined")),
    "bad json": (json_log("ann", "bob") + b'{"user":\n' + json_log("zoë"), ("--format", "json")),
    "bad logfmt": (logfmt_log("ann", "bo b") + b'user="\n' + logfmt_log("eve"),
                   ("--format", "logfmt")),
    "bad csv": (csv_log("ann", "bob") + b"2025,x\n" + csv_log("eve", header=""),
                ("--format", "csv")),
    "crlf": (csv_log("ann", "bob").replace(b"\n", b"\r\n"), ()),
    "late header": (b"\n\r\n" + csv_log("ann", "bob"), ()),
    "mark": (b"\xef\xbb\xbf" + csv_log("ann", "bob"), ()),
    "tsv": (csv_log("ann", "bob", between="x").replace(b",", b"\t").replace(b'"', b""), ()),
    "semicolons": (csv_log("ann", "bob", between="x").replace(b",", b";"), ("--separator", ";")),
    "no header": (csv_log("ann", "bob", header=""),
                  ("--columns", "time,user,task,status,quantity,note", "--format", "csv")),
    "mapped": (json_log("ann", "bob").replace(b'"user"', b'"id"'), ("--user", "id")),
    "filtered": (json_log("ann", "bob", "ann"), ("--where", "user != bob")),
    "credits": (json_log("ann", "bob", quantity=-2), ("--negative", "allow")),
    "digits": (json_log("ann", "bob"), ("--quantity-digits", "1", "--unit", "GB")),
    "iis": (IIS, ()),
    "bad iis": (iis_log("ann", "bob") + b"2025-05-02 x\n" + iis_log("eve", software=False),
                ("--format", "iis")),
    "cloudfront": (CLOUDFRONT, ("--format", "cloudfront")),
    "docker": (in_docker(combined_log("ann", "bob", "eve", "ann")), ()),
    "docker json": (in_docker(json_log("ann", "bob", "zoë")), ()),
    "docker csv": (in_docker(csv_log("ann", "bob")), ()),
    "bad docker": (in_docker(combined_log("ann", "bob")) + b"{no\n"
                   + in_docker(b"192.0.2.1 bad\n" + combined_log("eve")),
                   ("--format", "combined", "--unwrap", "docker")),
    "cri": (in_cri(combined_log("ann", "bob", "eve", "ann")), ()),
    "cri csv": (in_cri(csv_log("ann", "bob")), ()),
    "cri iis": (in_cri(IIS), ()),
    "cri text": (in_cri(TEXT.replace(b"bad\n", b"")), ()),
    "bad cri": (in_cri(combined_log("ann", "bob")) + b"no\n" + in_cri(combined_log("eve", "x")),
                ("--format", "combined", "--unwrap", "cri")),
    "all of cri": (in_cri(json_log("ann", "bob", "eve"), noise=False)
                   + in_cri(json_log("a", "b"), "stderr", noise=False), ("--stream", "all")),
    "mixed streams": (MIXED, ("--stream", "all")),
    "compose": (in_lines(combined_log("ann", "bob"), COMPOSE), ()),
    "compose csv": (in_lines(csv_log("ann", "bob"), COMPOSE), ()),
    "syslog": (in_lines(json_log("ann", "bob"), SYSLOG), ()),
    "syslog iis": (in_lines(IIS, SYSLOG), ()),
    "bad syslog": (in_lines(json_log("ann", "bob"), SYSLOG) + b"no\n"
                   + in_lines(b'{"user":\n' + json_log("eve"), SYSLOG),
                   ("--format", "json", "--unwrap", "syslog")),
    "pretty json": (pretty_json("ann", "bob", "eve"), ()),
    "pretty json close": (pretty_json("ann", "bob", end=""), ("--format", "json")),
    "bad pretty json": (pretty_json("ann") + b'{\n"time": 7}\n' + pretty_json("eve"),
                        ("--format", "json")),
    "array": (json_array("ann", "bob", "eve"), ()),
    "array of lines": (json_array("ann", "bob", indent=None), ()),
    "array, bad": (json_array("ann", "bob").replace(b"23:16:01", b"33:16:01"), ("--format", "json")),
}
BAD = ("bad text", "bad json", "bad csv", "bad combined", "bad logfmt", "web", "bad iis",
       "bad docker", "bad cri", "bad syslog", "bad pretty json", "array, bad")
