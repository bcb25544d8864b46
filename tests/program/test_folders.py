"""Inputs that are folders, lists of paths, and folders by days."""

import json
import os
import subprocess
import unittest

from program_fixture import (DONE, FAILED, INTERRUPTED, MISUSED, UNPRIVILEGED, ProgramTest, record)

RATE = ("--rate", "login=1", "--group-by", "user")
DATED = ("--partitioned-by", "date")


def at(day, ms=1):
    return record(time=f"{day}T12:00:00Z", ms=ms)


class FolderTest(ProgramTest):
    LOG_FORMAT = "text"

    def bills(self, ms, *arguments, stdin=b""):
        self.aggregate(*arguments, *RATE, stdin=stdin).prints(
            f"u: total_duration={ms}ms, total_cost={ms}.00")

    def found(self, *arguments, **settings):
        """`found` of the JSON summary, but for what is 0."""
        result = self.run_billing("aggregate", "-q", "--summary", "json", *arguments, *RATE, **settings)
        self.assertEqual(result.code, DONE, result.err)
        summary = json.loads(result.err.splitlines()[-1])
        return {name: count for name, count in summary.get("found", {}).items() if count}


class Folders(FolderTest):
    def test_all_below_a_folder_is_billed(self):
        self.log(record(ms=1), name="logs/a")
        self.log(record(ms=2), name="logs/eu/west/b")
        self.log(record(ms=4), name="logs/.hidden")
        self.log(record(ms=8), name="logs/.git/x")
        self.log(record(ms=16), name="c")
        self.bills(3, "logs")
        self.bills(3, "--input", "logs/")
        self.bills(19, "logs", "c")
        self.bills(4, "logs/.hidden")
        self.assertEqual(self.found("logs", "c"), {"files": 3, "folders": 1})

    def test_a_folder_is_billed_like_its_files(self):
        for number in range(30):
            self.log(*(record(user=f"u{(number + line) % 7}", ms=number * line)
                       for line in range(20)), name=f"logs/{number % 4}/{number}")
        names = sorted(str(path.relative_to(self.folder))
                       for path in (self.folder / "logs").glob("*/*"))
        for options in ((), ("--cycle", "month"), ("--group-by", "user")):
            self.assertEqual(self.bill("logs", *options), self.bill(*names, *options))

    def test_compressed_files_in_a_folder(self):
        self.log(record(ms=1), name="logs/a")
        self.log(record(ms=2), name="logs/b")
        subprocess.run(["gzip", str(self.folder / "logs" / "b")], check=True)
        self.bills(3, "logs")

    def test_names_of_any_bytes(self):
        folder = os.fsencode(self.folder) + b"/logs/new\nline \xff"
        os.makedirs(folder)
        with open(folder + b"/\xfe'\x1b[31m", "w", encoding="ascii") as file:
            file.write(record())
        self.bills(1, "logs")
        listed = b"logs/new\nline \xff/\xfe'\x1b[31m\0"
        self.bills(1, "--files-from", "-", "-0", stdin=listed)

    def test_messages_name_inputs_by_the_bytes_of_their_paths(self):
        for name in ("logs/b", "logs/a-/z", "logs/a/z"):
            self.log("bad", name=name)
        result = self.bill("logs").fails(3)
        places = [result.err.index(f"{name}:1:") for name in ("logs/a-/z", "logs/a/z", "logs/b")]
        self.assertEqual(places, sorted(places))

    def test_links(self):
        self.log(record(ms=1), name="elsewhere/a")
        self.log(record(ms=2), name="logs/b")
        os.symlink("../elsewhere/a", self.folder / "logs" / "link")
        os.symlink("../elsewhere", self.folder / "logs" / "folder")
        os.symlink(".", self.folder / "logs" / "loop")
        self.bills(3, "logs")
        self.assertEqual(self.found("logs"), {"files": 2, "folders": 1, "linked_folders": 2})
        self.environment(LOG_LEVEL="debug")
        self.run_billing("aggregate", "logs", *RATE).says(
            "debug", "'logs/loop' is a link to a folder", "2 linked folders not followed")

    def test_a_link_that_leads_nowhere_is_not_passed_over(self):
        self.log(record(), name="logs/a")
        os.symlink("gone", self.folder / "logs" / "b")
        self.bill("logs").fails(FAILED, "logs/b: No such file or directory")
        self.bills(1, "logs", "--exclude", "b")

    def test_a_file_counts_once(self):
        self.log(record(), name="logs/a")
        os.symlink("a", self.folder / "logs" / "current")
        os.link(self.folder / "logs" / "a", self.folder / "logs" / "hard")
        for names in (("logs",), ("logs", "logs/a"), ("logs/current", "logs"), ("logs", "./logs"),
                      ("logs", "logs/../logs/")):
            self.bills(1, *names)
        self.assertEqual(self.found("logs"), {"files": 1, "folders": 1, "repeated": 2})
        self.bill("logs", "logs/a", "logs/hard").fails(FAILED, "logs/hard: is the same input as")

    def test_a_file_counts_once_that_is_standard_input_too(self):
        self.log(record(), name="logs/a")
        with open(self.folder / "logs" / "a", "rb") as file:
            process = self.start("aggregate", "-q", "logs", "-", *RATE, stdin=file)
            self.finish(process).prints("u: total_duration=1ms, total_cost=1.00")

    def test_special_files_are_told_of(self):
        self.log(record(), name="logs/a")
        os.mkfifo(self.folder / "logs" / "pipe")
        self.assertEqual(self.bill("logs").warns("'logs/pipe': sockets, pipes and devices").code, DONE)
        self.bills(1, "logs", "--exclude", "pipe")

    def test_globs(self):
        self.log(record(ms=1), name="logs/a.log")
        self.log(record(ms=2), name="logs/a.txt")
        self.log(record(ms=4), name="logs/eu/a.log")
        self.log(record(ms=8), name="logs/eu/west/a.log")
        self.log(record(ms=16), name="logs/eu/b.log.1")
        for ms, *globs in ((13, "--include", "*.log"), (15, "--include", "*.log", "--include", "*.txt"),
                           (29, "--exclude", "*.txt"), (3, "--exclude", "eu"), (4, "--include", "eu/*.log"),
                           (12, "--include", "eu/**/a*"), (5, "--include", "*.log", "--exclude", "**/west/**")):
            with self.subTest(globs=globs):
                self.bills(ms, "logs", *globs)
        self.assertEqual(self.found("logs", "--include", "*.log", "--exclude", "west"),
                         {"files": 2, "folders": 1, "excluded": 3})

    def test_the_summary_tells_what_was_found(self):
        self.log(record(), name="logs/a")
        self.log(record(), name="logs/b")
        self.run_billing("aggregate", "logs", "--exclude", "b", *RATE).is_done().says(
            "from logs/a\n", "found     1 file in 1 folder; 1 excluded\n")
        self.assertNotIn("found", self.run_billing("aggregate", "logs/a", *RATE).is_done().err)
        self.assertEqual(self.found("logs/a"), {})

    def test_no_file(self):
        os.makedirs(self.folder / "logs" / "sub")
        self.bill("logs").fails(FAILED, "no file in 'logs'; check the path")
        self.log(record(), name="logs/.hidden")
        self.bill("logs").fails(FAILED, "no file in 'logs'", "hidden")
        self.run_billing("aggregate", "--state", "state", "logs").fails(FAILED, "no file in 'logs'")
        self.log(record(), name="logs/sub/a")
        self.bill("logs", "--include", "*.log").fails(FAILED, "no file is left in 'logs'", "--include")
        self.assertFalse((self.folder / "state").exists())

    def test_options_without_effect(self):
        self.log(record())
        for options in (("--include", "*"), ("--exclude", "x")):
            self.bill("log", *options).fails(MISUSED, options[0], "no input is a folder")
            self.bill("missing", *options).fails(FAILED, "missing: No such file")
        self.bill("log", "--include", "").fails(MISUSED, "--include: the glob is empty")
        self.bill("log", "-0").fails(MISUSED, "--null-separated: has no effect without --files-from")

    def test_a_folder_that_may_not_be_read(self):
        self.log(record(), name="logs/a")
        os.mkdir(self.folder / "logs" / "secret", 0)
        os.chmod(self.folder, 0o755)
        try:
            result = self.run_billing("aggregate", "-q", "logs", *RATE, **UNPRIVILEGED)
        except PermissionError:
            self.skipTest("an unprivileged user may not run the program from its folder")
        result.fails(FAILED, "logs/secret: Permission denied; run as a user who may read it")
        self.run_billing("aggregate", "-q", "logs", "--exclude", "secret", *RATE, **UNPRIVILEGED).prints(
            "u: total_duration=1ms, total_cost=1.00")

    def test_an_old_result_in_the_folder_is_not_read_and_replaced_at_once(self):
        self.log(record(), name="logs/a")
        command = ("aggregate", "-q", "logs", "-o", "logs/bill.txt", *RATE)
        self.run_billing(*command).succeeds()
        self.run_billing(*command).fails(MISUSED, "'logs/bill.txt' is also an input")
        self.run_billing(*command, "--exclude", "bill.txt").succeeds()

    def test_a_state_knows_what_folders_hold(self):
        self.log(record(ms=1), name="logs/2025/a")
        self.run_billing("aggregate", "-q", "--state", "state", "logs", *RATE).prints(
            "u: total_duration=1ms, total_cost=1.00")
        os.rename(self.folder / "logs" / "2025", self.folder / "logs" / "old")
        self.log(record(ms=2), name="logs/2026/a")
        self.run_billing("aggregate", "-q", "--state", "state", "logs", *RATE).prints(
            "u: total_duration=3ms, total_cost=3.00")

    def test_partials_of_folders(self):
        for number in range(3):
            self.log(record(ms=1 << number), name=f"logs/{number}/a")
            self.run_billing("aggregate", "-q", "--group-by", "user", f"logs/{number}", "--partial",
                             f"{number}.partial").succeeds()
        self.run_billing("merge", "-q", *(f"{number}.partial" for number in range(3)),
                         "--rate", "login=1").prints("u: total_duration=7ms, total_cost=7.00")

    def test_other_commands_take_no_folders(self):
        self.log(record(), name="logs/a")
        self.run_billing("merge", "logs").fails(FAILED, "'logs': is a folder; name the partials in it")
        self.run_billing("bench", "--input", "logs").fails(MISUSED, "--input", "'logs'", "no file")

    def test_many_files_in_many_folders(self):
        for number in range(2000):
            self.log(record(), name=f"logs/{number % 50}/{number}")
        self.bills(2000, "logs")


class Lists(FolderTest):
    def test_a_list_of_files_and_folders(self):
        self.log(record(ms=1), name="logs/a")
        self.log(record(ms=2), name="b")
        self.log(record(ms=4), name="c")
        self.write("list", "logs\nb")
        self.bills(3, "--files-from", "list")
        self.bills(7, "c", "--files-from", "list")
        self.bills(3, "--files-from", "-", stdin=b"logs\n\nb\n")
        self.bills(3, "--files-from", "-", "--null-separated", stdin=b"logs\0b\0")
        self.assertEqual(self.found("--files-from", "-", stdin=b"b\nc\n"), {"files": 2})

    def test_a_pipe_that_fills_later(self):
        self.log(record())
        os.mkfifo(self.folder / "pipe")
        process = self.start("aggregate", "-q", "--files-from", "pipe", *RATE)
        self.wait_until_it_waits(process)
        with open(self.folder / "pipe", "wb") as pipe:
            pipe.write(b"log\n")
        self.finish(process).prints("u: total_duration=1ms, total_cost=1.00")

    def test_a_run_that_waits_for_its_list_can_be_interrupted(self):
        os.mkfifo(self.folder / "pipe")
        process = self.start("aggregate", "-q", "--files-from", "pipe", *RATE)
        self.wait_until_it_waits(process)
        process.terminate()
        self.finish(process).fails(INTERRUPTED, "interrupted; no result was written")

    def test_a_dash_in_a_list_is_a_file(self):
        self.log(record(ms=2), name="-")
        self.bills(2, "--files-from", "-", stdin=b"-\n")

    def test_what_is_wrong_with_a_list(self):
        self.log(record())
        self.bill("--files-from", "gone").fails(FAILED, "--files-from: 'gone': No such file")
        self.bill("--files-from", "-", stdin=b"\n").fails(FAILED, "--files-from: the list is empty")
        self.bill("--files-from", "-", stdin=b"log\ngone\n").fails(FAILED, "gone: No such file")
        self.bill("--files-from", "-", stdin=b"log\nlog\n").fails(FAILED, "log: is the same input as")
        self.bill("--files-from", "-", stdin=b"log\0").fails(MISUSED, "--null-separated")
        self.bill("-", "--files-from", "-").fails(MISUSED, "--files-from -: standard input")


class Days(FolderTest):
    def setUp(self):
        super().setUp()
        for day in range(1, 8):
            self.log(at(f"2025-05-0{day}", 10 ** (day - 1)), name=f"logs/2025/05/0{day}/a")

    def test_files_of_other_days_are_not_opened(self):
        os.chmod(self.folder / "logs/2025/05/01/a", 0)
        self.write("logs/2025/05/07/a", "bad\n")
        self.bills(11000, "logs", *DATED, "--since", "2025-05-04", "--until", "2025-05-06")
        self.assertEqual(self.found("logs", *DATED, "--since", "2025-05-04", "--until", "2025-05-06"),
                         {"files": 4, "folders": 1, "outside_dates": 3})

    def test_the_bill_is_that_of_all_files(self):
        for times in (("--since", "2025-05-04"), ("--until", "2025-05-04T12:00:01Z"),
                      ("--since", "2025-05-02T13:00:00", "--timezone", "Pacific/Kiritimati"),
                      ("--until", "2025-05-02T13:00:00", "--timezone", "Pacific/Pago_Pago")):
            with self.subTest(times=times):
                options = ("logs", "--cycle", "day", *times)
                self.assertEqual(self.bill(*options, *DATED), self.bill(*options))

    def test_late_records_stand_within_a_day(self):
        self.log(at("2025-05-07"), name="logs/date=2025-05-08/late")
        self.log(at("2025-05-07", 2), name="logs/2025-05-06/early")
        self.bills(1000003, "logs", *DATED, "--since", "2025-05-07", "--until", "2025-05-08")

    def test_a_file_without_a_date_is_read(self):
        self.log(at("2025-05-05", 2), name="logs/today")
        result = self.bill("logs", *DATED, "--since", "2025-05-05", "--group-by", "user")
        result.warns("'logs/today': no date in the path")
        self.assertEqual(result.out, b"u: total_duration=1110002ms, total_cost=1110002.00\n")

    def test_files_that_are_named_have_dates_too(self):
        names = [f"logs/2025/05/0{day}/a" for day in range(1, 8)]
        self.bills(1110000, *names, *DATED, "--since", "2025-05-05")
        self.run_billing("aggregate", *names, *DATED, *RATE, "--since", "2025-05-05").says(
            "found     4 files; 3 of other dates not opened\n")

    def test_no_file_is_of_these_days(self):
        self.bill("logs", *DATED, "--since", "2026-01-01").fails(
            FAILED, "no file is within a day of --since and --until", "7 files left out")

    def test_mistakes(self):
        self.bill("logs", *DATED).fails(MISUSED, "--partitioned-by: has no effect without --since")
        self.bill("logs", "--partitioned-by", "day", "--since", "2025-05-01").fails(
            MISUSED, "--partitioned-by: unknown 'day'; use one of date")


if __name__ == "__main__":
    unittest.main()
