"""Every option of `billing aggregate`: the same bytes from Python as from the program."""
import re
import unittest

import billing
from billing import _native
from fixture import LINES, PackageTest, words_of

ACCESS = """\
10.0.0.1 - ann [02/May/2025:23:16:50 +0000] "GET /users/17 HTTP/1.1" 200 1568 0.250
10.0.0.2 - bob [03/May/2025:00:16:50 +0000] "POST /orders/9/pay HTTP/1.1" 500 99 1.5
10.0.0.3 - - [03/May/2025:01:16:50 +0000] "GET /users/18 HTTP/1.1" 200 12 0.001
"""
DEFINITION = ('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
              '$request_time')
TABLE = """\
id,when,who,what,code,used
1,2025-05-02T23:16:50,ann,read,200,1.5
2,2025-05-03T10:00:00,bob,write,200,-2.25
2,2025-05-03T10:00:00,bob,write,200,-2.25
3,2025-05-03T11:00:00,bob,n/a,404,7.123456
"""
FIELDS = {"format": "csv", "time": "when", "user": "who", "task": "what", "status_from": "code",
          "quantity": "used", "negative": "allow"}
TOKENS = """\
{"ts": 1746227810, "who": "ann", "model": "m1", "tokens": {"in": 100, "out": 7}}
{"ts": 1746227811, "who": "bob", "model": "m1", "tokens": {"in": 3}}
"""
MEASURED = {"format": "json", "time": "ts:unix", "user": "who", "task": "model",
            "measure": {"input": "tokens.in", "output": "tokens.out"}}
DOCKER = "".join(
    '{"log":"' + line + '\\n","stream":"%s","time":"2025-05-02T23:16:50.1Z"}\n' % stream
    for line, stream in zip(LINES.splitlines(), ["stdout", "stderr"] * 4))
BROKEN = LINES + "no call\n2025-05-02T23:16:50Z user115 login 200 fast\n"
PRICED = {"rates": {"*": "0.0125"}}

# Keyword -> the log, and the keywords that try it; `{in}` and `{out}` are folders.
CASES = {
    "input": (LINES, {"input": "{in}/api.log"}),
    "files_from": (LINES, {"files_from": "{in}/list"}),
    "null_separated": (LINES, {"files_from": "{in}/list0", "null_separated": True}),
    "include": (LINES, {"input": "{in}/days", "include": ["*.log", "*.txt"]}),
    "exclude": (LINES, {"input": "{in}/days", "exclude": ["2025-05-0[3-9]"]}),
    "partitioned_by": (LINES, {"input": "{in}/days", "partitioned_by": "date",
                               "since": "2025-06-01"}),
    "state": (LINES, {"state": "{out}/state"}),
    "format": (ACCESS, {"format": "nginx_timed", "log_format": None}),
    "log_format": (ACCESS, {"log_format": DEFINITION}),
    "unwrap": (DOCKER, {"format": "text", "unwrap": "docker"}),
    "stream": (DOCKER, {"stream": "all"}),
    "time": (TABLE, FIELDS),
    "user": (TABLE, {**FIELDS, "user": "=everybody"}),
    "task": (TABLE, {**FIELDS, "task": "$what of $who"}),
    "status_from": (TABLE, {**FIELDS, "status_from": "none"}),
    "quantity": (TABLE, {**FIELDS, "quantity": "used:s"}),
    "measure": (TOKENS, MEASURED),
    "unit": (TABLE, {**FIELDS, "unit": "pages"}),
    "quantity_digits": (TABLE, {**FIELDS, "quantity_digits": 9}),
    "negative": (TABLE, {**FIELDS, "negative": "reject", "max_rejects": 2}),
    "excess_digits": (TABLE, {**FIELDS, "quantity_digits": 1, "excess_digits": "round"}),
    "input_timezone": (TABLE, {**FIELDS, "input_timezone": "America/New_York", "cycle": "day"}),
    "task_pattern": (ACCESS, {"log_format": DEFINITION, "task_pattern": "/orders/**"}),
    "no_fold_ids": (ACCESS, {"log_format": DEFINITION, "no_fold_ids": True}),
    "separator": (TABLE.replace(",", "|"), {**FIELDS, "separator": "|"}),
    "quote": (TABLE, {**FIELDS, "quote": "none"}),
    "no_header": (TABLE.split("\n", 1)[1],
                  {**FIELDS, "no_header": True, "time": "column2", "user": "column3",
                   "task": "column4", "status_from": "column5", "quantity": "column6"}),
    "columns": (TABLE.split("\n", 1)[1], {**FIELDS, "columns": "id,when,who,what,code,used"}),
    "decimal": (TABLE.replace(",", ";").replace(".", ","),
                {**FIELDS, "separator": ";", "decimal": ","}),
    "null": (TABLE, {**FIELDS, "null": "n/a", "max_rejects": "50%"}),
    "csv_safe": (LINES.replace("user7", "=user7"), {"csv_safe": True, "rejects": "{out}/rejects"}),
    "partial": (LINES, {"partial": "{out}/usage.partial", "rates": None}),
    "group_by": (LINES, {"group_by": ["user", "task"]}),
    "cycle": (LINES, {"cycle": "month"}),
    "timezone": (LINES, {"cycle": "day", "timezone": "Asia/Tokyo"}),
    "anchor_day": (LINES, {"cycle": "month", "anchor_day": 3}),
    "since": (LINES, {"since": "2025-05-03T00:00:10Z"}),
    "until": (LINES, {"until": "2025-06-01"}),
    "status": (LINES, {"status": "2xx,404"}),
    "where": (LINES, {"where": ["status < 500", 'task ~ "^l"']}),
    "dedupe_by": (TABLE, {**FIELDS, "dedupe_by": "id"}),
    "dedupe_keep": (TABLE, {**FIELDS, "dedupe_by": "who", "dedupe_keep": "largest"}),
    "dedupe_missing": (TABLE, {**FIELDS, "null": "n/a", "task": "=t", "dedupe_by": "what",
                               "dedupe_missing": "keep"}),
    "dedupe_window": (TABLE, {**FIELDS, "dedupe_by": "id", "dedupe_window": "35d",
                              "state": "{out}/state"}),
    "duplicates": (TABLE, {**FIELDS, "dedupe_by": "id", "duplicates": "{out}/duplicates.csv"}),
    "rate": (LINES, {"rate": ["login=0.1", "search=2"], "rates": None}),
    "env_file": (LINES, {"env_file": "{in}/prices.env", "rates": None}),
    "unrated": (LINES, {"rates": None, "unrated": "zero"}),
    "rounding": (LINES, {"rounding": "up"}),
    "scale": (LINES, {"scale": 7}),
    "rejects": (BROKEN, {"rejects": "{out}/rejects.csv"}),
    "max_rejects": (BROKEN, {"max_rejects": 2}),
    "max_record_bytes": (LINES + "x" * 5000 + "\n", {"max_record_bytes": 4000, "max_rejects": 1}),
    "max_input_bytes": (LINES, {"max_input_bytes": "1MB"}),
    "threads": (LINES * 500, {"threads": 2}),
    "memory_limit": (LINES, {"memory_limit": "100MB"}),
    "temp_dir": (LINES * 500, {"temp_dir": "{out}", "slice_bytes": 1}),
    "slice_bytes": (LINES * 500, {"slice_bytes": 1000}),
    "naive": (LINES, {"naive": True}),
    "parallel": (LINES, {"parallel": True}),
    "chunk_bytes": (LINES, {"chunk_bytes": 100}),
}
CASES["format"] = (ACCESS.replace(" 0.250", "").replace(" 1.5", "").replace(" 0.001", ""),
                   {"format": "common", "unrated": None})
PRICES = "RATE_login=0.25\nRATE_search=3\n"


class AllOptionsTest(PackageTest):
    def prepare(self, log):
        path = self.write("in/api.log", log)
        self.write("in/prices.env", PRICES)
        self.write("in/list", f"{path}\n")
        self.write("in/list0", f"{path}\0")
        for day, name in (("2025-05-02", "a.log"), ("2025-05-03", "b.txt"), ("2025-06-01", "c.log")):
            lines = [line for line in LINES.splitlines(True) if line.startswith(day)]
            self.write(f"in/days/{day}/{name}", "".join(lines))
        return path

    def try_case(self, log, keywords):
        """Runs both with the keywords; their bills, and the files that they wrote."""
        path = self.prepare(log)
        keywords = {**PRICED, **keywords}
        inputs = [] if "input" in keywords or "files_from" in keywords else [path]
        results = []
        for host in ("program", "package"):
            out = self.folder / host
            out.mkdir()

            def placed(value):
                if isinstance(value, list):
                    return [placed(one) for one in value]
                if not isinstance(value, str):
                    return value
                return value.replace("{in}", str(self.folder / "in")).replace("{out}", str(out))

            said = {key: placed(value) for key, value in keywords.items() if value is not None}
            results.append((self.bill_by(host, inputs, said), self.files_in(out)))
        return results

    def bill_by(self, host, inputs, said):
        if host == "program":
            formats = [[]] if "partial" in said else [["--output-format", name]
                                                      for name in ("csv", "text", "jsonl")]
            bills = []
            for words in formats:
                bills.append(self.bill_of_program("aggregate", "-q", *inputs, *words_of(said), *words))
            return bills
        bill = billing.aggregate([str(path) for path in inputs] or None, env="env_file" in said,
                                 **said)
        if "partial" in said:
            self.assertEqual(bill.partial, said["partial"])
            return [b""]
        return [bill.to_csv(), bill.to_text(), bill.to_jsonl()]

    def files_in(self, folder):
        """What was written; a state keeps when it was made, and is compared by its bills."""
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
                if path.is_file() and "state" not in path.parts}

    def test_every_option_has_a_case(self):
        keywords = {name for name, takes in _native._aggregate_keywords().items()
                    if takes != "refused"}
        self.assertEqual(set(CASES), keywords)

    def test_every_option_of_the_help_is_a_keyword(self):
        _, text, _ = self.program("aggregate", "--help")
        named = re.findall(r"^ +(?:-\w, *)?--([a-z-]+)", text.decode(), re.MULTILINE)
        wanted = {name.replace("-", "_") for name in named} - {"help", "version"}
        self.assertEqual(wanted, set(_native._aggregate_keywords()))

    def test_options_of_the_programs_output_are_refused(self):
        for keyword in ("output", "output_format", "quiet", "summary", "env_file"):
            with self.assertRaises(billing.ConfigurationError, msg=keyword) as caught:
                billing.aggregate(self.log(), **{keyword: "x"})
            self.assertTrue(str(caught.exception).startswith(keyword + ": "), caught.exception)


def add_test(keyword, log, keywords):
    def test(self):
        program, package = self.try_case(log, keywords)
        self.assertEqual(package, program)
        self.assertTrue(package[1] if keyword == "partial" else package[0][0])

    setattr(AllOptionsTest, f"test_{keyword}", test)


for one, case in CASES.items():
    add_test(one, *case)

if __name__ == "__main__":
    unittest.main()
