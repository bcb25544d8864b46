"""Every cycle policy through the command line; the oracle's tables test the arithmetic."""

import unittest

from program_fixture import ProgramTest, record


def at(*times):
    return [record(time=time) for time in times]


class CyclesTest(ProgramTest):
    def cycles(self, lines, *arguments):
        """label -> calls, in the order of the bill."""
        self.log(*lines)
        result = self.bill("log", "--group-by", "cycle", "--output-format", "csv", *arguments)
        self.assertEqual((result.code, result.err), (0, ""))
        rows = [row.split(",") for row in result.out.decode().splitlines()[1:]]
        return [(row[0], int(row[1])) for row in rows]

    def labels(self, lines, *arguments):
        return [label for label, _ in self.cycles(lines, *arguments)]


class CalendarCycles(CyclesTest):
    def test_labels_in_utc(self):
        for policy, label in (("day", "2025-05-02"), ("week", "2025-W18"), ("month", "2025-05"),
                              ("quarter", "2025-Q2"), ("year", "2025"), ("all", "all"),
                              ("hour", "2025-05-02T23")):
            self.assertEqual(self.labels(at("2025-05-02T23:16:50Z"), "--cycle", policy), [label])

    def test_offsets_in_the_log_are_turned_into_utc(self):
        self.assertEqual(
            self.cycles(at("2025-05-02T23:30:00-01:00", "2025-05-03T00:30:00+00:00"),
                        "--cycle", "day"), [("2025-05-03", 2)])

    def test_local_days_in_a_zone(self):
        lines = at("2025-05-02T21:59:59.999999999Z", "2025-05-02T22:00:00Z")
        self.assertEqual(self.labels(lines, "--cycle", "day", "--timezone", "Europe/Berlin"),
                         ["2025-05-02", "2025-05-03"])

    def test_weeks_over_new_year(self):
        lines = at("2024-12-29T23:59:59Z", "2024-12-30T00:00:00Z", "2025-01-05T23:59:59Z",
                   "2027-01-03T00:00:00Z", "2027-01-04T00:00:00Z")
        self.assertEqual(self.cycles(lines, "--cycle", "week"),
                         [("2024-W52", 1), ("2025-W01", 2), ("2026-W53", 1), ("2027-W01", 1)])

    def test_the_order_is_that_of_time_over_all_years(self):
        lines = at("2261-12-31T00:00:00Z", "1970-01-01T00:00:00Z", "2025-10-01T00:00:00Z")
        self.assertEqual(self.labels(lines, "--cycle", "quarter"),
                         ["1970-Q1", "2025-Q4", "2261-Q4"])

    def test_an_instant_may_lie_outside_of_the_written_years(self):
        lines = at("1970-01-01T00:00:00+01:00", "2261-12-31T23:30:00-01:00")
        self.assertEqual(self.labels(lines, "--cycle", "day"), ["1969-12-31", "2262-01-01"])

    def test_anchor_days(self):
        lines = at("2025-05-10T00:00:00Z", "2025-05-15T00:00:00Z")
        for policy, labels in (("month", ["2025-04", "2025-05"]),
                               ("quarter", ["2025-Q2"]), ("year", ["2025"])):
            self.assertEqual(self.labels(lines, "--cycle", policy, "--anchor-day", "15"), labels)

    def test_an_anchor_day_that_the_month_does_not_have_is_its_last(self):
        lines = at("2025-02-27T23:59:59Z", "2025-02-28T00:00:00Z", "2024-02-28T00:00:00Z",
                   "2024-02-29T00:00:00Z", "2025-04-29T00:00:00Z", "2025-04-30T00:00:00Z")
        self.assertEqual(self.labels(lines, "--cycle", "month", "--anchor-day", "31"),
                         ["2024-01", "2024-02", "2025-01", "2025-02", "2025-03", "2025-04"])

    def test_an_anchored_year_begins_in_january(self):
        lines = at("2025-01-14T23:59:59Z", "2025-01-15T00:00:00Z")
        self.assertEqual(self.labels(lines, "--cycle", "year", "--anchor-day", "15"),
                         ["2024", "2025"])


class HourCycles(CyclesTest):
    def test_the_hour_that_comes_twice_is_told_apart_by_its_offset(self):
        lines = at("2025-10-26T01:30:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:59:59Z")
        self.assertEqual(self.cycles(lines, "--cycle", "hour", "--timezone", "Europe/Berlin"),
                         [("2025-10-26T02+02:00", 1), ("2025-10-26T02+01:00", 2)])

    def test_zones_of_half_and_quarter_hours(self):
        for zone, label in (("Asia/Kolkata", "2025-05-03T04+05:30"),
                            ("Asia/Kathmandu", "2025-05-03T05+05:45"),
                            ("America/St_Johns", "2025-05-02T20-02:30")):
            self.assertEqual(self.labels(at("2025-05-02T23:16:50Z"), "--cycle", "hour",
                                         "--timezone", zone), [label])

    def test_every_zone_but_utc_shows_its_offset(self):
        self.assertEqual(self.labels(at("2025-01-02T23:16:50Z"), "--cycle", "hour", "--timezone",
                                     "Europe/London"), ["2025-01-02T23+00:00"])


class FixedCycles(CyclesTest):
    def test_lengths_of_every_unit(self):
        for length, label in (("1s", "23:16:50"), ("30s", "23:16:30"), ("15m", "23:15:00"),
                              ("6h", "18:00:00"), ("1d", "00:00:00")):
            self.assertEqual(self.labels(at("2025-05-02T23:16:50.9Z"), "--cycle",
                                         "every:" + length), [f"2025-05-02T{label}Z"])

    def test_they_count_from_1970_downwards_too(self):
        self.assertEqual(self.labels(at("1970-01-01T00:00:00+00:01"), "--cycle", "every:1h"),
                         ["1969-12-31T23:00:00Z"])

    def test_a_billion_seconds(self):
        self.assertEqual(self.labels(at("2025-05-02T23:16:50Z"), "--cycle", "every:1000000000s"),
                         ["2001-09-09T01:46:40Z"])

    def test_a_billion_days_begin_with_1970(self):
        self.assertEqual(self.labels(at("2261-05-02T23:16:50Z"), "--cycle", "every:1000000000d"),
                         ["1970-01-01T00:00:00Z"])

    def test_the_time_zone_does_not_matter(self):
        self.assertEqual(self.labels(at("2025-05-02T23:16:50Z"), "--cycle", "every:1d",
                                     "--timezone", "Asia/Kolkata"), ["2025-05-02T00:00:00Z"])


class CyclesOfCalls(CyclesTest):
    def test_runs_of_five_are_the_default(self):
        self.assertEqual(self.cycles([record()] * 11), [("1", 5), ("2", 5), ("3", 1)])

    def test_cycles_are_in_the_order_of_numbers(self):
        self.assertEqual(self.labels([record()] * 11, "--cycle", "calls:1"),
                         [str(number) for number in range(1, 12)])

    def test_each_user_is_numbered_apart_and_the_third_is_everybodys_third(self):
        lines = [record(user=user) for user in "abab" "aab"]
        self.assertEqual(self.cycles(lines, "--cycle", "calls:2"), [("1", 4), ("2", 3)])

    def test_ties_are_ordered_by_task_status_and_duration(self):
        self.log(record(task="b", ms=1), record(task="a", status=500, ms=10),
                 record(task="a", status=200, ms=300), record(task="a", status=200, ms=200),
                 record(task="B", ms=4000, time="2025-05-02T23:16:50.000000001Z"))
        result = self.bill("log", "--cycle", "calls:1", "--output-format", "csv", "--group-by",
                           "cycle", rates=("a=1", "b=1", "B=1"))
        self.assertEqual([row.split(",")[2] for row in result.out.decode().splitlines()[1:]],
                         ["200", "300", "10", "1", "4000"])

    def test_filters_come_before_the_numbering(self):
        lines = [record(status=500), record(), record(status=500), record()]
        self.assertEqual(self.cycles(lines, "--cycle", "calls:2", "--status", "2xx"), [("1", 2)])

    def test_rejects_come_before_the_numbering(self):
        lines = [record(), "bad", record(status=99), record()]
        self.log(*lines)
        self.bill("log", "--cycle", "calls:2", "--group-by", "cycle", "--rejects",
                  "/dev/null").prints(
            "cycle=1: total_duration=2ms, total_cost=2.00")

    def test_the_largest_number(self):
        self.assertEqual(self.cycles([record()] * 3, "--cycle", "calls:9223372036854775807"),
                         [("1", 3)])


if __name__ == "__main__":
    unittest.main()
