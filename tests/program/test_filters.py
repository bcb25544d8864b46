"""--since, --until and --status."""

import unittest

from program_fixture import TOO_MANY_REJECTS, ProgramTest, record

HOURS = [f"2025-05-{day:02d}T{hour:02d}:00:00Z" for day in (1, 2, 3) for hour in range(24)]


class Times(ProgramTest):
    def setUp(self):
        super().setUp()
        self.log(*(record(time=time) for time in HOURS))

    def kept(self, *arguments):
        result = self.bill("log", "--group-by", "user", "--output-format", "csv", *arguments)
        self.assertEqual((result.code, result.err), (0, ""))
        rows = result.out.decode().splitlines()[1:]
        return int(rows[0].split(",")[1]) if rows else 0

    def test_since_is_included_and_until_is_not(self):
        self.assertEqual(self.kept("--since", "2025-05-02"), 48)
        self.assertEqual(self.kept("--until", "2025-05-02"), 24)
        self.assertEqual(self.kept("--since", "2025-05-02", "--until", "2025-05-03"), 24)
        self.assertEqual(self.kept("--since", "2025-05-02T05:00:00", "--until",
                                   "2025-05-02T06:00:00"), 1)

    def test_fractions_of_seconds(self):
        self.assertEqual(self.kept("--since", "2025-05-03T22:00:00.000000001Z"), 1)
        self.assertEqual(self.kept("--until", "2025-05-01T00:00:00.5"), 1)

    def test_dates_and_times_are_those_of_the_zone(self):
        zone = ("--timezone", "Europe/Berlin")
        self.assertEqual(self.kept("--since", "2025-05-02", *zone), 50)
        self.assertEqual(self.kept("--since", "2025-05-02T00:00:00", *zone), 50)

    def test_an_offset_wins_over_the_zone(self):
        zone = ("--timezone", "Europe/Berlin")
        self.assertEqual(self.kept("--since", "2025-05-02T00:00:00Z", *zone), 48)
        self.assertEqual(self.kept("--since", "2025-05-02T00:00:00-02:00", *zone), 46)

    def test_the_time_zone_may_come_after_the_times(self):
        self.assertEqual(self.kept("--until", "2025-05-02", "--timezone", "Asia/Tokyo"), 15)

    def test_a_day_that_begins_in_a_gap_begins_after_it(self):
        # In Santiago the clocks went from 24:00 of 6 September 2025 to 1:00 of the 7th.
        self.log(record(time="2025-09-07T03:59:59Z"), record(time="2025-09-07T04:00:00Z"))
        self.assertEqual(self.kept("--since", "2025-09-07", "--timezone", "America/Santiago"), 1)

    def test_the_same_border_twice_leaves_nothing(self):
        times = ("--since", "2025-05-02", "--until", "2025-05-02")
        self.log(*[record()] * 1234)
        for filters, named in ((times, "--since, --until"), (("--status", "404"), "--status"),
                               ((*times, "--status", "2xx"), "--since, --until, --status")):
            result = self.bill("log", *filters)
            result.warns(f"no event passes {named}: 1,234 filtered away")
            self.assertEqual(result.out, b"")


class Statuses(ProgramTest):
    def kept(self, statuses):
        self.log(*(record(status=status, ms=status) for status in (100, 200, 204, 299, 404, 599)))
        result = self.bill("log", "--cycle", "calls:1", "--group-by", "cycle", "--output-format",
                           "csv", "--status", statuses, "--unrated", "zero")
        self.assertEqual(result.code, 0, result.err)
        return [int(row.split(",")[2]) for row in result.out.decode().splitlines()[1:]]

    def test_one_status_a_class_and_a_list_of_both(self):
        self.assertEqual(self.kept("204"), [204])
        self.assertEqual(self.kept("2xx"), [200, 204, 299])
        self.assertEqual(self.kept("5xx,1xx,404"), [100, 404, 599])

    def test_naming_a_status_twice_changes_nothing(self):
        self.assertEqual(self.kept("2xx,200,200"), [200, 204, 299])

    def test_a_status_that_does_not_occur(self):
        self.assertEqual(self.kept("3xx"), [])


class Order(ProgramTest):
    LOG_FORMAT = "text"

    def test_a_bad_record_is_rejected_whatever_its_status(self):
        self.log(record(status=500, ms="x"))
        self.bill("log", "--status", "2xx").fails(TOO_MANY_REJECTS, "log:1:34: bad_duration")


if __name__ == "__main__":
    unittest.main()
