"""billing.check(): the bytes and the JSON of `billing check`."""
import json
import shlex
import unittest

import billing
from billing import _native
from fixture import LINES, PackageTest, words_of
from test_all_options import CASES

# Options of its own; all others are tried with the logs and keywords of aggregate().
SHARED = {"records": (LINES, {"records": 3}), "max_record_bytes": (LINES, {"max_record_bytes": 2000})}
NO_OPTIONS_OF_CHECK = ("rates", "max_rejects", "cycle", "unrated", "state", "duplicates", "where")


class CheckTest(PackageTest):
    def cases(self):
        for keyword, takes in _native._check_keywords().items():
            if takes == "refused":
                continue
            log, keywords = SHARED.get(keyword) or CASES[keyword]
            yield keyword, log, {key: value for key, value in keywords.items()
                                 if value is not None and key not in NO_OPTIONS_OF_CHECK}

    def test_all_options(self):
        for keyword, log, keywords in self.cases():
            with self.subTest(keyword):
                path = self.log(log)
                code, text, errors = self.program("check", path, *words_of(keywords))
                self.assertIn(code, (0, 2, 3), errors)
                check = billing.check(path, **keywords)
                self.assertEqual(check.to_text(), text)
                self.assertEqual(check.ok, code == 0)
                _, printed, _ = self.program("check", "--json", path, *words_of(keywords))
                self.assertEqual(check.report, json.loads(printed))

    def test_its_command_makes_the_bill(self):
        check = billing.check(self.log(), log_format=None)
        words = shlex.split(check.command)
        self.assertEqual(words[:2], ["billing", "aggregate"])
        self.assertTrue(self.bill_of_program(*words[1:]))

    def test_several_inputs_and_folders(self):
        self.write("in/a.log", LINES)
        self.write("in/b.log", LINES)
        for paths in ([self.folder / "in/a.log", self.folder / "in/b.log"], [self.folder / "in"]):
            _, text, _ = self.program("check", *paths)
            self.assertEqual(billing.check(paths).to_text(), text)

    def test_what_is_refused(self):
        for keywords in ({"json": True}, {"records": 0}, {"format": "papyrus"}):
            with self.assertRaises(billing.ConfigurationError):
                billing.check(self.log(), **keywords)
        with self.assertRaises(billing.ConfigurationError):
            billing.check([])
        with self.assertRaises(billing.ConfigurationError):
            billing.check("-")
        with self.assertRaises(billing.Error):
            billing.check(self.folder / "none.log")
        with self.assertRaises(TypeError):
            billing.check(self.log(), rates={})


if __name__ == "__main__":
    unittest.main()
