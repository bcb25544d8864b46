"""Where rates come from, which one wins, what happens where there is none."""

import unittest

from program_fixture import DONE, MISUSED, TOO_MANY_REJECTS, ProgramTest, record


class RatesTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.log(record(ms=10))

    def costs(self, cost, *arguments):
        return self.aggregate("log", "--group-by", "user", *arguments).prints(
            f"u: total_duration=10ms, total_cost={cost}")


class Layers(RatesTest):
    def test_the_option_wins_over_the_environment_and_that_over_the_file(self):
        self.write(".env", "RATE_login=1\n")
        self.costs("10.00")
        self.environment(RATE_login="2")
        self.costs("20.00")
        self.costs("30.00", "--rate", "login=3")

    def test_layers_add_up(self):
        self.log(record(task="a"), record(task="b"), record(task="c"))
        self.write(".env", "RATE_a=1\nRATE_b=1\nRATE_c=1")
        self.environment(RATE_b="20", RATE_c="20")
        self.aggregate("log", "--group-by", "task", "--rate", "c=300").prints(
            "task=a: total_duration=1ms, total_cost=1.00",
            "task=b: total_duration=1ms, total_cost=20.00",
            "task=c: total_duration=1ms, total_cost=300.00")

    def test_a_higher_layer_may_set_zero(self):
        self.environment(RATE_login="2")
        self.costs("0.00", "--rate", "login=0")

    def test_the_same_task_twice_in_options(self):
        self.bill("log", rates=("login=1", "login=1")).fails(MISUSED, "--rate", "login", "twice")

    def test_the_same_task_twice_in_a_file_is_told_with_both_lines(self):
        self.write(".env", "RATE_login=1\n# two\nRATE_login=1\n")
        self.aggregate("log").fails(MISUSED, ".env:3", ".env:1", "login")

    def test_a_mistake_in_a_lower_layer_counts_though_a_higher_one_wins(self):
        self.write(".env", "RATE_login=x\n")
        self.bill("log").fails(MISUSED, ".env:1", "'x'")

    def test_what_is_no_rate_in_the_environment_is_passed_over_with_a_warning(self):
        self.environment(RATE_LIMIT="5000/60", RATE_login="2")
        result = self.aggregate("log", "--group-by", "user")
        result.warns("environment", "LIMIT", "'5000/60'", "; ignored")
        self.assertEqual(result.out, b"u: total_duration=10ms, total_cost=20.00\n")
        self.environment(RATE_login="1e3")
        self.bill("log", "--group-by", "user").warns("'1e3'", "; ignored")
        self.write(".env", "RATE_login=3\n")
        self.assertEqual(self.aggregate("log", "--group-by", "user").out,
                         b"u: total_duration=10ms, total_cost=30.00\n")

    def test_an_empty_rate_of_the_environment_is_no_rate_of_zero(self):
        self.environment(RATE_login="")
        self.aggregate("log").fails(MISUSED, "login")

    def test_task_names_keep_their_case_and_may_hold_an_equals_sign(self):
        self.log(record(task="a=b"), record(task="A"))
        self.bill("log", "--group-by", "task", rates=("a=b=2", "A=3", "a=9")).prints(
            "task=A: total_duration=1ms, total_cost=3.00",
            "task=a=b: total_duration=1ms, total_cost=2.00")

    def test_a_rate_that_may_have_been_meant_for_another_task(self):
        self.log(record(), record(task="b"))
        self.write(".env", "RATE_Login=1\nRATE_b=1\n")
        self.aggregate("log").warns("no rate for 'login'", "did you mean 'login'?", "'Login'")
        self.write(".env", "RATE_logn=1\n")
        self.aggregate("log").fails(MISUSED, "'logn'", "did you mean 'login'?")
        self.bill("log", "--unrated", "fail", rates=("b=1",)).fails(
            MISUSED, "'logn'", "did you mean 'login'?")

    def test_rates_of_tasks_that_do_not_occur_are_no_mistake(self):
        self.costs("10.00", "--rate", "login=1", "--rate", "other=1")


class Decimals(RatesTest):
    def test_forms_of_a_rate(self):
        for rate, cost in (("1", "10.00"), (".5", "5.00"), ("0.5", "5.00"), ("007", "70.00"),
                           ("1.000000000000", "10.00"), ("0", "0.00"), (".000000000000", "0.00"),
                           ("999999999999999", "9999999999999990.00"),
                           ("0.000500000000", "0.01"), (".000499999999", "0.00")):
            with self.subTest(rate=rate):
                self.costs(cost, "--rate", "login=" + rate)

    def test_all_digits_of_the_longest_rate_count(self):
        self.costs("9999999999999999.999999999990", "--scale", "12",
                   "--rate", "login=999999999999999.999999999999")


class Unrated(RatesTest):
    def test_no_rate_for_any_task_says_how_to_give_one(self):
        self.aggregate("log").fails(MISUSED, "--rate", "RATE_", ".env", "--unrated zero")

    def test_rates_for_other_tasks_only_are_no_rate(self):
        self.bill("log", rates=("logon=1",)).fails(MISUSED, "'login'", "--rate")

    def test_zero_is_the_default_where_some_task_has_a_rate(self):
        self.log(record(ms=1), record(task="b"), record(task="b"), record(task="c"))
        result = self.bill("log", "--group-by", "task")
        result.warns("'b' (2 calls)", "'c' (1 call")
        self.assertEqual(result.out.decode().splitlines(),
                         ["task=b: total_duration=2ms, total_cost=0.00",
                          "task=c: total_duration=1ms, total_cost=0.00",
                          "task=login: total_duration=1ms, total_cost=1.00"])

    def test_zero_by_option_bills_zero_with_a_warning(self):
        result = self.aggregate("log", "--group-by", "user", "--unrated", "zero")
        result.warns("'login'", "1 call")
        self.assertEqual(result.out, b"u: total_duration=10ms, total_cost=0.00\n")

    def test_fail_names_all_tasks(self):
        self.log(record(), record(task="b"), record(task="c"), record(task="c"))
        self.bill("log", "--unrated", "fail").fails(MISUSED, "'b'", "'c'", "2 calls", "--rate")

    def test_fail_succeeds_where_every_task_has_a_rate(self):
        self.costs("10.00", "--unrated", "fail", "--rate", "login=1")

    def test_reject_makes_rejects_of_them(self):
        self.log(record(), record(task="b"))
        self.bill("log", "--unrated", "reject").fails(
            TOO_MANY_REJECTS, "1 of 2", "log:2:24: unrated_task")

    def test_reject_sets_them_aside_in_order_with_the_others(self):
        self.log(record(task="b"), "bad", record(), record(task="c", status=99))
        self.bill("log", "--unrated", "reject", "--rejects", "bad.csv").with_rejects(
            "3 of 4 records rejected (field_count 1, bad_status 1, unrated_task 1)",
            "bad.csv").prints(
            "u cycle=1 task=login: total_duration=1ms, total_cost=1.00")
        self.assertEqual([row.split(",")[1:4] for row in self.text("bad.csv").splitlines()[1:]],
                         [["1", "0", "unrated_task"], ["2", "33", "field_count"],
                          ["4", "74", "bad_status"]])

    def test_what_is_filtered_is_not_unrated(self):
        self.log(record(), record(task="b", status=404))
        self.bill("log", "--unrated", "reject", "--status", "2xx").prints(
            "u cycle=1 task=login: total_duration=1ms, total_cost=1.00")

    def test_rejected_tasks_take_no_place_in_a_cycle(self):
        self.log(record(task="b"), record(task="b"), record())
        self.bill("log", "--unrated", "reject", "--cycle", "calls:1", "--rejects",
                  "/dev/null").prints(
            "u cycle=1 task=login: total_duration=1ms, total_cost=1.00")

    def test_an_empty_log_needs_no_rates(self):
        self.log()
        self.assertEqual(self.aggregate("log").code, DONE)

    def test_a_log_of_which_all_is_filtered_needs_no_rates(self):
        self.assertEqual(self.aggregate("log", "--status", "404").code, DONE)


class Engine(RatesTest):
    def engine(self, *arguments):
        result = self.run_billing("aggregate", "log", "--rate", "login=1", "--summary", "json",
                                  *arguments)
        self.assertEqual(result.code, DONE, result.err)
        return "naive" if '"engine":"naive"' in result.err else "parallel"

    def test_the_environment_picks_the_baseline(self):
        for value, expected in (("naive", "naive"), ("production", "parallel"), ("", "parallel"),
                                ("parallel", "parallel")):
            self.environment(ENVIRONMENT=value)
            self.assertEqual(self.engine(), expected, value)

    def test_a_flag_wins(self):
        self.environment(ENVIRONMENT="naive")
        self.assertEqual(self.engine("--parallel"), "parallel")
        self.environment(ENVIRONMENT="parallel")
        self.assertEqual(self.engine("--naive"), "naive")

    def test_a_file_may_pick_it_too_below_the_environment(self):
        self.write(".env", "ENVIRONMENT=naive\n")
        self.assertEqual(self.engine(), "naive")
        self.environment(ENVIRONMENT="production")
        self.assertEqual(self.engine(), "parallel")


if __name__ == "__main__":
    unittest.main()
