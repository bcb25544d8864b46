"""The sample in data/: `billing generate` makes it, and `billing aggregate` bills it as it stands there."""

from program_fixture import PROJECT, ProgramTest

DATA = PROJECT / "data"
RATES = ("--env-file", str(PROJECT / ".env.example"))


class Sample(ProgramTest):
    def test_the_log_is_what_generate_makes(self):
        made = self.run_billing("generate", "--records", "10000", "--users", "1000", "--order",
                                "shuffled", "--start", "2025-05-01", "--end", "2025-06-01")
        made.prints_bytes((DATA / "sample.log").read_bytes())

    def test_the_bill_per_user(self):
        self.expect("sample_by_user.txt", "--group-by", "user")

    def test_the_bill_per_user_cycle_and_task(self):
        self.expect("sample_by_user_cycle_task.csv", "--output-format", "csv")

    def expect(self, name, *options):
        bill = self.aggregate(str(DATA / "sample.log"), *RATES, *options)
        bill.prints_bytes((DATA / name).read_bytes())
