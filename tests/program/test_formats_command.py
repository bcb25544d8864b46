"""billing formats lists the formats that inputs may have."""

import json
import unittest

from program_fixture import DONE, MISUSED, ProgramTest

NAMES = ["text", "combined", "common", "vhost_combined", "json", "csv", "tsv", "logfmt"]


class Formats(ProgramTest):
    def listed(self, *names):
        result = self.run_billing("formats", "--json", *names)
        self.assertEqual((result.code, result.err), (DONE, ""))
        return json.loads(result.out)

    def test_all_are_listed_with_their_fields(self):
        rows = self.listed()
        self.assertEqual([row["name"] for row in rows if row["name"] in NAMES], NAMES)
        for row in rows[1:]:
            self.assertTrue(row["purpose"])
            self.assertTrue(all(row["mapping"].values()), row)
        told = self.run_billing("formats")
        self.assertEqual((told.code, told.err), (DONE, ""))
        for row in rows:
            self.assertIn(f"{row['name']}: {row['purpose']}\n", told.out.decode())

    def test_what_is_shown_is_what_aggregate_does(self):
        for row in self.listed():
            self.write("log", row["example"].replace("\\n", "\n").replace("\\t", "\t") + "\n")
            found = json.loads(self.run_billing("check", "--json", "log").out)["inputs"][0]
            self.assertEqual((found["format"], found["accepted"], found["rejected"]),
                             (row["name"], 1, 0))
            self.assertEqual((found["mapping"], found["unit"], found["digits"]),
                             (row["mapping"], row["unit"], row["digits"]))

    def test_one_is_shown_by_its_name(self):
        self.assertEqual([row["name"] for row in self.listed("common")], ["common"])
        told = self.run_billing("formats", "common").out.decode()
        self.assertIn('%h - %u %t "%r" %>s %b\n', told)
        self.assertIn("$request_method $path\n", told)
        self.assertIn("per call;", told)
        self.assertNotIn("combined", told)

    def test_an_unknown_one(self):
        self.run_billing("formats", "comon").fails(
            MISUSED, "unknown format 'comon'", "text, combined, common", "did you mean 'common'?")


if __name__ == "__main__":
    unittest.main()
