"""Usage exports and JSON logs that others wrote, against sums made by csv, json and decimal."""

import csv
import io
import json
import re
import unittest
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal

from formats_fixture import FormatsTest, lines_of


def table(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def objects(path):
    """Those lines of a log that are objects, their numbers as decimals."""
    lines = [line for line in lines_of(path) if line.startswith("{")]
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def has_digits(number, most):
    """Whether a decimal has at most so many digits behind the point, zeros at its end aside."""
    scaled = Decimal(number).scaleb(most)
    return scaled == scaled.to_integral_value()


class Exports(FormatsTest):
    def billed_by(self, path, quantity, user, task, digits=9, missing=""):
        """Sums that Python finds, and the number of rows that it leaves out."""
        sums, left_out = Counter(), 0
        for row in table(path):
            if row[quantity] == missing or not has_digits(row[quantity], digits):
                left_out += 1
            else:
                sums[(row[user], row[task])] += Decimal(row[quantity])
        return sums, left_out

    def compare(self, path, time, user, task, quantity, *options, missing=""):
        found = self.meter(path, "--format", "csv", "--time", time, "--user", user, "--task", task,
                           "--quantity", quantity, "--quantity-digits", "9", "--cycle", "all",
                           *options)
        sums, left_out = self.billed_by(path, quantity, user, task, missing=missing)
        self.assertEqual(found.counts, (len(table(path)) - left_out, left_out, 1, 0))
        self.assertEqual(found.sums(0, 2), sums)
        self.assertEqual({reject[2] for reject in found.rejects},
                         {"bad_quantity"} if left_out else set())
        return found

    def test_focus(self):
        path = self.real_log("focus_1_0_sample_300.csv")
        for quantity in ("BilledCost", "ConsumedQuantity", "ListCost"):
            with self.subTest(quantity=quantity):
                self.compare(path, "ChargePeriodStart", "SubAccountName", "ServiceName", quantity,
                             "--null", "NULL", missing="NULL")

    def test_focus_by_month_and_a_word_that_means_missing(self):
        path = self.real_log("focus_1_0_sample_300.csv")
        found = self.meter(path, "--format", "csv", "--time", "ChargePeriodStart", "--user",
                           "AvailabilityZone,SubAccountName", "--quantity", "1", "--cycle", "month",
                           "--null", "NULL", "-g", "user,cycle")
        expected = Counter()
        for row in table(path):
            user = row["AvailabilityZone"]
            expected[(row["SubAccountName"] if user in ("", "NULL") else user,
                      row["ChargePeriodStart"][:7])] += 1
        self.assertEqual({tuple(row[:2]): int(row[2]) for row in found.rows}, expected)

    def test_amazons_usage_report_whose_header_is_wider_than_its_rows(self):
        path = self.real_log("aws_cur.csv")
        names = next(csv.reader(lines_of(path)[:1]))
        rows = list(csv.reader(lines_of(path)[1:]))
        self.assertEqual((len(names), {len(row) for row in rows}), (131, {130}))
        columns = ("--format", "csv", "--time", "lineItem/UsageStartDate", "--user",
                   "lineItem/UsageAccountId", "--task", "lineItem/UsageType", "--cycle", "all")
        found = self.meter(path, *columns, "--quantity", "lineItem/UnblendedCost")
        self.assertEqual(found.counts, (0, 19, 1, 0))
        self.assertEqual({reject[2] for reject in found.rejects}, {"field_count"})
        for name in ("lineItem/UnblendedCost", "lineItem/UsageAmount", "lineItem/BlendedCost"):
            with self.subTest(name=name):
                sums, place = Counter(), names.index(name)
                for row in rows:
                    if has_digits(row[place], 9):
                        sums[row[names.index("lineItem/UsageType")]] += Decimal(row[place])
                found = self.meter(path, *columns, "--columns", ",".join(names[:130]), "--quantity",
                                   name, "--quantity-digits", "9")
                self.assertEqual(found.sums(2), sums)
                self.assertEqual(Counter(reject[2] for reject in found.rejects)["field_count"], 1)

    def test_amazons_costs_have_more_digits_than_are_kept(self):
        path = self.real_log("aws_cur.csv")
        names = next(csv.reader(lines_of(path)[:1]))
        self.write("rows.csv", "\n".join(lines_of(path)[1:]))
        self.aggregate("rows.csv", "--format", "csv", "--columns", ",".join(names[:130]), "--time",
                       "lineItem/UsageStartDate", "--user", "lineItem/UsageAccountId", "--quantity",
                       "lineItem/UnblendedCost", "--quantity-digits", "9", "--rate", "*=1").fails(
            3, "bad_quantity", "--quantity-digits")

    def test_tokens_of_a_language_model(self):
        path = self.real_log("claude_usage.jsonl")
        sums = Counter()
        for entry in objects(path):
            usage = entry["message"]["usage"]
            for name, key in (("input", "input_tokens"), ("output", "output_tokens"),
                              ("written", "cache_creation_input_tokens"),
                              ("read", "cache_read_input_tokens")):
                if usage[key] != 0:
                    sums[f'{entry["message"]["model"]}.{name}'] += usage[key]
        found = self.meter(
            path, "--format", "json", "--time", "timestamp", "--user", "sessionId", "--task",
            "message.model", "--measure", "input=message.usage.input_tokens", "--measure",
            "output=message.usage.output_tokens", "--measure",
            "written=message.usage.cache_creation_input_tokens", "--measure",
            "read=message.usage.cache_read_input_tokens")
        self.assertEqual(found.sums(2), sums)
        self.assertEqual((found.counts, found.count("events")), ((3, 0, 0, 0), 11))

    def test_amazons_costs_rounded_and_by_how_much(self):
        path = self.real_log("aws_cur.csv")
        names = next(csv.reader(lines_of(path)[:1]))
        self.write("rows.csv", "\n".join(lines_of(path)[1:]))
        costs = [Decimal(row[names.index("lineItem/UnblendedCost")])
                 for row in csv.reader(lines_of(path)[1:])]
        rounded = [cost.quantize(Decimal("1e-9"), ROUND_HALF_EVEN) for cost in costs]
        found = self.meter("rows.csv", "--format", "csv", "--columns", ",".join(names[:130]),
                           "--time", "lineItem/UsageStartDate", "--user", "lineItem/UsageAccountId",
                           "--quantity", "lineItem/UnblendedCost", "--quantity-digits", "9",
                           "--excess-digits", "round", "--cycle", "all")
        self.assertEqual((found.counts, found.quantity), ((19, 0, 0, 0), sum(rounded)))
        self.assertEqual((found.summary["rounded"], Decimal(found.summary["rounded_by"])),
                         (sum(a != b for a, b in zip(costs, rounded)), sum(rounded) - sum(costs)))

    def test_azures_costs(self):
        path = self.real_log("azure_cost_v2.csv")
        for quantity in ("Quantity", "CostInBillingCurrency"):
            with self.subTest(quantity=quantity):
                found = self.compare(path, "Date", "SubscriptionName", "MeterCategory", quantity)
                self.assertEqual(found.summary["earliest"], "2020-09-01T00:00:00Z")
        found = self.meter(path, "--format", "csv", "--time", "Date", "--user", "ResourceGroup",
                           "--quantity", "Quantity")
        self.assertEqual([(reject[0], reject[2]) for reject in found.rejects], [(3, "bad_user")])

    def test_a_header_alone(self):
        path = self.real_log("azure_ea_norows.csv")
        result = self.aggregate(path, "--format", "csv", "--time", "Date", "--user",
                                "SubscriptionName", "--quantity", "Quantity", "--output-format",
                                "csv", "--rate", "*=1").is_done()
        self.assertEqual(result.out, b"user,cycle,task,calls,quantity,cost\n")

    def test_googles_costs_with_exponents(self):
        path = self.real_log("gcp_billing.csv")
        found = self.compare(path, "usage_start_time", "project.id", "service.description", "cost")
        self.assertEqual(found.quantity, Decimal("0.000032"))
        found = self.meter(path, "--format", "csv", "--time", "usage_start_time", "--user",
                           "project.id", "--quantity", "usage.amount", "--quantity-digits", "0")
        self.assertEqual((found.counts, found.quantity), (
            (25, 0, 1, 0), sum(Decimal(row["usage.amount"]) for row in table(path))))

    def test_utf16_is_refused_by_name(self):
        path = self.real_log("telegraf_utf16le.csv")
        self.aggregate(path, "--format", "csv", "--rate", "*=1").fails(1, "UTF-16")

    def test_a_table_without_a_header_whose_time_stands_in_two_cells(self):
        path = self.real_log("cloudfront_noheader.tsv")
        found = self.meter(path, "--format", "tsv", "--no-header", "--time", "$column1 $column2",
                           "--user", "column5", "--task", "$column6 $column8", "--status-from",
                           "column9", "--quantity", "column19:s", "--cycle", "day")
        rows = [line.split("\t") for line in lines_of(path)]
        self.assertEqual(found.counts, (len(rows), 0, 0, 0))
        self.assertEqual(found.rows[0][:3], ["192.0.2.149", "2024-03-12", "GET /testseb"])
        self.assertEqual(found.quantity, sum(Decimal(row[18]) * 1000 for row in rows))
        self.assertEqual(found.summary["earliest"], "2024-03-12T15:22:28Z")

    def test_the_same_rows_in_another_order_of_columns(self):
        path = self.real_log("gcp_billing.csv")
        rows = table(path)
        text = io.StringIO()
        writer = csv.DictWriter(text, sorted(rows[0], reverse=True), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        self.write("other.csv", text.getvalue())
        options = ("--format", "csv", "--time", "usage_start_time", "--user", "project.id",
                   "--task", "service.description", "--quantity", "cost", "--cycle", "day")
        self.assertEqual(self.meter("other.csv", *options).rows, self.meter(path, *options).rows)


class JsonLogs(FormatsTest):
    def test_cloudflare(self):
        path = self.real_log("lnav_cloudflare.1")
        found = self.meter(path, "--format", "json", "--time", "EdgeStartTimestamp", "--user",
                           "ClientIP", "--task", "$ClientRequestMethod $ClientRequestURI",
                           "--status-from", "EdgeResponseStatus", "--quantity",
                           "EdgeEndTimestamp:ns - EdgeStartTimestamp:ns", "--cycle", "all")
        expected = Counter()
        for entry in objects(path):
            took_ms = (entry["EdgeEndTimestamp"] - entry["EdgeStartTimestamp"]) / 10**6
            expected[(entry["ClientIP"],
                      f"{entry['ClientRequestMethod']} {entry['ClientRequestURI']}")] += took_ms
        self.assertEqual(found.counts, (len(objects(path)), 0, 0, 0))
        self.assertEqual(found.sums(0, 2), expected)

    def test_caddy(self):
        path = self.real_log("caddy.jsonl")
        found = self.meter(path, "--format", "json", "--time", "ts:unix", "--user",
                           "user_id,request.client_ip", "--task",
                           "$request.method $request.uri", "--status-from", "status", "--quantity",
                           "duration:s", "--unit", "ms", "--cycle", "day")
        expected = Counter()
        calls = [entry for entry in objects(path) if "duration" in entry]
        for entry in calls:
            expected[entry["user_id"] or entry["request"]["client_ip"]] += entry["duration"] * 1000
        others = len(objects(path)) - len(calls)
        blanks = sum(not line.strip() for line in lines_of(path))
        self.assertEqual(found.counts, (len(calls), others, 0, blanks))
        self.assertEqual(found.sums(0), expected)
        earliest = found.summary["earliest"]
        self.assertEqual(earliest.rstrip("Z").rstrip("0"), "2023-09-04T15:19:51.7564995")

    def test_traefik(self):
        path = self.real_log("traefik_json_mixed.log")
        found = self.meter(path, "--format", "json", "--time", "StartUTC", "--user",
                           "ClientHost:first", "--task", "$RequestMethod $RequestPath",
                           "--status-from", "DownstreamStatus", "--quantity", "Duration:ns",
                           "--unit", "ms", "--cycle", "all")
        expected = Counter()
        for entry in objects(path):
            expected[entry["ClientHost"].split(",")[0].strip()] += entry["Duration"] / 10**6
        self.assertEqual(found.counts, (6, 1, 0, 0))
        self.assertEqual([reject[2] for reject in found.rejects], ["bad_record"])
        self.assertEqual(found.sums(0), expected)
        for user, took_ms in (("192.168.65.1", "3.501375"), ("172.17.0.1", "0.922162"),
                              ("192.168.1.115", "0.010158"), ("192.168.1.100", "2.337877")):
            self.assertEqual(found.sums(0)[user], Decimal(took_ms))

    def test_tokens_of_a_language_model(self):
        path = self.real_log("claude_usage.jsonl")
        options = (path, "--format", "json", "--time", "timestamp", "--user", "sessionId", "--task",
                   "message.model", "--cycle", "day")
        found = self.meter(*options, "--quantity", "message.usage.input_tokens + "
                           "message.usage.output_tokens", "--unit", "tokens",
                           "--quantity-digits", "0")
        expected = Counter()
        for entry in objects(path):
            usage = entry["message"]["usage"]
            expected[(entry["timestamp"][:10], entry["message"]["model"])] += (
                usage["input_tokens"] + usage["output_tokens"])
        self.assertEqual((found.counts[:2], found.sums(1, 2)), ((3, 0), expected))
        self.assertEqual(self.meter(*options, "--quantity", "costUSD").quantity, Decimal("1.02"))

    def test_pino(self):
        path = self.real_log("lnav_pino.0")
        found = self.meter(path, "--format", "json", "--user", "service.name", "--task", "msg",
                           "--quantity", "request.amount.units.low", "--cycle", "all")
        self.assertEqual(found.rows, [["payment", "all", "Charge request received.", "1", "513",
                                       "513.000000000000"]])
        self.assertEqual(found.summary["earliest"].rstrip("Z").rstrip("0"),
                         "2025-04-24T22:08:37.537")

    def test_objects_around_lines(self):
        path = self.real_log("docker_json.log")
        found = self.meter(path, "--format", "json", "--user", "stream", "--quantity", "1")
        self.assertEqual(found.counts, (len(objects(path)), 0, 0, 0))
        self.assertEqual(found.summary["earliest"].rstrip("Z").rstrip("0"),
                         min(entry["time"] for entry in objects(path)).rstrip("Z").rstrip("0"))

    def test_pairs(self):
        path = self.real_log("lnav_logfmt.0")
        found = self.meter(path, "--format", "logfmt", "--user", "namespace", "--task", "level",
                           "--status-from", "none", "--quantity", "1", "--cycle", "day")
        expected = Counter()
        for line in lines_of(path):
            expected[tuple(re.search(rf"\b{key}=(\S+)", line)[1]
                           for key in ("namespace", "level"))] += 1
        self.assertEqual(found.counts, (5, 0, 0, 0))
        self.assertEqual({(row[0], row[2]): int(row[3]) for row in found.rows}, expected)


if __name__ == "__main__":
    unittest.main()
