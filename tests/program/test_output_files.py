"""Where a bill goes: files, folders, links, pipes; it appears whole or not at all."""

import os
import stat
import unittest

from output_fixture import BILL, OutputTest
from program_fixture import FAILED, MISUSED, record


class Files(OutputTest):
    def test_a_new_file(self):
        self.to("bill").prints()
        self.assertEqual((self.text("bill"), self.names()), (BILL, ["bill", "log"]))

    def test_an_old_file_is_replaced_whole(self):
        self.write("bill", "old\n" * 1000)
        self.to("bill").prints()
        self.assertEqual((self.text("bill"), self.names()), (BILL, ["bill", "log"]))

    def test_a_reader_of_the_old_file_keeps_it(self):
        self.write("bill", "old")
        with open(self.folder / "bill") as reader:
            self.to("bill").prints()
            self.assertEqual(reader.read(), "old")

    def test_a_hyphen_is_standard_output(self):
        self.to("-").prints(BILL[:-1])
        self.assertEqual(self.names(), ["log"])

    def test_a_path_into_another_folder(self):
        (self.folder / "sub").mkdir()
        self.to("sub/bill").prints()
        self.assertEqual((self.text("sub/bill"), self.names()), (BILL, ["log", "sub"]))

    def test_a_folder_that_does_not_exist(self):
        self.to("no/such/bill").fails(FAILED, "no/such/bill", "No such file")
        self.to("log/bill").fails(FAILED, "log/bill")

    def test_a_new_file_has_the_mode_that_the_umask_leaves(self):
        for umask, mode in ((0o022, 0o644), (0o077, 0o600), (0, 0o666), (0o027, 0o640)):
            self.once(f"bill{umask}", "--rejects", f"bad{umask}", umask=umask).prints()
            self.assertEqual((self.mode(f"bill{umask}"), self.mode(f"bad{umask}")), (mode, mode))

    def test_an_old_file_keeps_its_mode(self):
        for mode in (0o600, 0o664, 0o755, 0o444):
            self.write("bill", "old")
            os.chmod(self.folder / "bill", mode)
            self.to("bill").prints()
            self.assertEqual((self.mode("bill"), self.text("bill")), (mode, BILL))

    def test_an_old_file_keeps_its_owner(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give files away")
        self.write("bill", "old")
        os.chown(self.folder / "bill", 1234, 2345)
        self.to("bill").prints()
        status = os.stat(self.folder / "bill")
        self.assertEqual((status.st_uid, status.st_gid, self.text("bill")), (1234, 2345, BILL))

    def test_an_output_that_is_an_input(self):
        os.link(self.folder / "log", self.folder / "hard")
        os.symlink("log", self.folder / "soft")
        for name in ("log", "./log", "hard", "soft"):
            with self.subTest(name=name):
                self.to(name).fails(MISUSED, "--output", name)
        self.assertEqual(self.text("log"), record() + "\n")

    def test_an_output_that_is_the_file_behind_standard_input(self):
        with open(self.folder / "log", "rb") as file:
            process = self.start("aggregate", "-q", "-r", "login=1", "-o", "log", stdin=file)
            self.finish(process).fails(MISUSED, "--output")
        self.assertEqual(self.text("log"), record() + "\n")

    def test_an_output_that_is_the_rejects_too(self):
        self.write("old", "old")
        os.symlink("old", self.folder / "link")
        self.to("new", "--rejects", "./new").fails(MISUSED, "--rejects")
        self.to("old", "--rejects", "link").fails(MISUSED, "--rejects")
        self.assertEqual((self.names(), self.text("old")), (["link", "log", "old"], "old"))

    def test_no_name_at_all(self):
        self.to("").fails(MISUSED, "--output")


class Links(OutputTest):
    def test_the_target_of_a_link_is_replaced_and_the_link_stays(self):
        (self.folder / "sub").mkdir()
        self.write("sub/real", "old")
        os.symlink("sub/real", self.folder / "bill")
        self.to("bill").prints()
        self.assertEqual(os.readlink(self.folder / "bill"), "sub/real")
        self.assertEqual((self.text("sub/real"), os.listdir(self.folder / "sub")), (BILL, ["real"]))

    def test_a_chain_of_links(self):
        self.write("real", "old")
        os.symlink("real", self.folder / "one")
        os.symlink("one", self.folder / "two")
        self.to("two").prints()
        self.assertEqual((self.text("real"), os.readlink(self.folder / "two")), (BILL, "one"))

    def test_a_link_to_a_file_that_is_not_there_yet(self):
        (self.folder / "sub").mkdir()
        os.symlink("sub/real", self.folder / "bill")
        self.to("bill").prints()
        self.assertEqual(self.text("sub/real"), BILL)
        self.assertTrue(os.path.islink(self.folder / "bill"))

    def test_a_link_that_goes_in_circles(self):
        os.symlink("bill", self.folder / "bill")
        self.to("bill").fails(FAILED, "bill")
        self.assertTrue(os.path.islink(self.folder / "bill"))


class SpecialFiles(OutputTest):
    def test_dev_null_stays_what_it_is(self):
        self.to("/dev/null").prints()
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))

    def test_dev_stdout(self):
        self.once("/dev/stdout").prints(BILL[:-1])

    def test_dev_full(self):
        told = self.to("/dev/full").fails(FAILED, "/dev/full", "No space left",
                                          "what was written is not complete")
        self.assertNotIn("no result", told.err)

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "wb") as full:
            process = self.start("aggregate", "-q", "log", "-r", "login=1", stdout=full)
            self.finish(process).fails(FAILED, "No space left")

    def test_standard_output_that_is_closed(self):
        process = self.start("aggregate", "-q", "log", "-r", "login=1", stdout=None,
                             preexec_fn=lambda: os.close(1))
        self.finish(process).fails(FAILED, "output")

    def test_a_pipe_is_written_and_stays(self):
        os.mkfifo(self.folder / "pipe")
        for engine in ("--naive", "--parallel"):
            process = self.start("aggregate", "-q", engine, "log", "--group-by", "user",
                                 "-r", "login=1", "-o", "pipe")
            with open(self.folder / "pipe") as pipe:
                self.assertEqual(pipe.read(), BILL)
            self.finish(process).prints()
        self.assertTrue(stat.S_ISFIFO(os.stat(self.folder / "pipe").st_mode))


if __name__ == "__main__":
    unittest.main()
