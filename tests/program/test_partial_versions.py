"""Partials of other programs: what an older one wrote is read for ever, and what a newer one may have
added is passed over where it says so, and refused by name where it does not.
"""

import os
import unittest
from pathlib import Path

from partial_fixture import DAY, NOBODY, SECOND, SUMS, PartialTest, sums, usage
from program_fixture import DONE

import partial_format
from partial_format import Row

KEPT = Path(__file__).parent / "partials"
REWRITE = os.environ.get("BILLING_REWRITE_EXPECTED") == "1"
GB = {"unit": "GB", "quantity-digits": "3", "negative": "allow"}


class Kept(PartialTest):
    """Files that were written once, in tests/program/partials, with what is in them."""

    def test_files_of_this_layout_are_read_for_ever(self):
        partials = sorted(KEPT.glob("*.partial"))
        self.assertGreaterEqual(len(partials), 4)
        for path in partials:
            with self.subTest(partial=path.name):
                self.write(path.name, path.read_bytes())
                shown = self.run_billing("inspect", path.name).out
                bill = self.merge(path.name, "--output-format", "csv", "-r", "a=0.005", "-r",
                                  "login=2").out
                for ending, found in (("txt", shown), ("csv", bill)):
                    expected = path.with_suffix("." + ending)
                    if REWRITE:
                        expected.write_bytes(found)
                    self.assertEqual(found.decode(), expected.read_text())

    def test_what_this_program_writes_is_still_the_same(self):
        self.write("log", (KEPT / "calls.log").read_text())
        self.partial("p", "log", "--rejects", "/dev/null")
        self.assertEqual(self.read("p"), (KEPT / "calls.partial").read_bytes())
        # By keys that earlier programs have made, too.
        self.partial("p", "log", "--rejects", "/dev/null", "--dedupe-by", "user,status",
                     "--dedupe-keep", "largest")
        self.assertEqual(self.read("p"), (KEPT / "records.partial").read_bytes())


class Newer(PartialTest):
    def with_block(self, place, kind=partial_format.SKIPPABLE + 7, payload=b"of a newer program"):
        partial = sums(SUMS)
        blocks = [*partial_format.front_blocks(partial),
                  partial_format.block(partial_format.ROWS, partial_format.rows_payload(SUMS))]
        blocks.insert(place, partial_format.block(kind, payload))
        head = next(at for at, block in enumerate(blocks)
                    if partial_format.u32(block, 4) == partial_format.HEAD_END)
        blocks[head] = partial_format.head_end(blocks[:head])
        return partial_format.whole_file([*blocks, partial_format.end_block(blocks, partial)])

    def test_sections_that_may_be_skipped_are_skipped(self):
        self.write_partial(sums(SUMS), "plain")
        expected = self.merge("plain", *NOBODY).out
        self.merged("expected", "plain")
        for place in range(6):
            with self.subTest(place=place):
                self.write("p", self.with_block(place, payload=b"x" * (256 << 10)))
                self.assertEqual(self.run_billing("inspect", "p").code, DONE)
                self.assertEqual(self.merge("p", *NOBODY).out, expected)
                self.merged("q", "p")
                self.assertEqual(self.read("q"), self.read("expected"))

    def test_sections_that_may_be_skipped_but_are_damaged(self):
        for place in range(6):
            whole = self.with_block(place)
            at = whole.index(b"of a newer program")
            for changed in (whole[:at] + b"O" + whole[at + 1:], whole[:at + 18] + whole[at + 26:]):
                self.write("p", changed)
                self.is_refused("p")

    def test_options_that_are_not_known_are_refused_by_name(self):
        self.write_partial(sums(SUMS, **{"weighed-by": "region"}))
        self.is_refused("p", "does not know --weighed-by ('region'); use a newer one")
        self.write_partial(sums(SUMS, **{"a\x1b]0;\x01b": "x"}))
        self.is_refused("p", "does not know --a\\x1B]0;\\x01b ('x')")

    def test_rows_of_another_kind(self):
        partial = sums(SUMS)
        header = partial_format.header_payload(partial).replace(b"\4sums", b"\6values", 1)
        self.write("p", partial_format.assemble(
            partial, [partial_format.rows_payload(SUMS)], header=header))
        self.is_refused("p", "does not know rows of the kind 'values'; use a newer one")

    def test_rejects_of_another_kind(self):
        partial = sums(SUMS)
        partial = partial._replace(inputs=[partial.inputs[0]._replace(
            records=partial.inputs[0].records + 1, rejected=(0, 0, 0, 0, 1, 0, 0, 0, 0, 0))])
        head = partial_format.input_head(partial.inputs[0], 0)
        self.assertIn(b"bad_user", head)
        self.write("p", partial_format.assemble(
            partial, [partial_format.rows_payload(SUMS)],
            inputs=[head.replace(b"bad_user", b"bad_mood")]))
        self.is_refused("p", "does not know rejects of the kind 'bad_mood'; use a newer one")


class Quantities(PartialTest):
    ROWS = [Row(b"u", DAY, 0, 2, 12_500), Row(b"u", DAY, 1, 1, -1), Row(b"v", DAY, 0, 1, -2_000)]

    def test_a_unit_with_digits_and_credits(self):
        self.write_partial(sums(self.ROWS, **GB))
        rates = ("-r", "a=0.10", "-r", "b=1")
        self.merge("p", *rates).prints(
            "u cycle=2025-05-02 task=a: total_quantity=12.5GB, total_cost=1.25",
            "u cycle=2025-05-02 task=b: total_quantity=-0.001GB, total_cost=0.00",
            "v cycle=2025-05-02 task=a: total_quantity=-2GB, total_cost=-0.20")
        self.merge("p", *rates, "--output-format", "csv", "--scale", "4").prints(
            "user,cycle,task,calls,quantity,cost",
            "u,2025-05-02,a,2,12.5,1.2500", "u,2025-05-02,b,1,-0.001,-0.0010",
            "v,2025-05-02,a,1,-2,-0.2000")
        self.merge("p", *rates, "--output-format", "jsonl", "-g", "user,task").prints(
            '{"user":"u","task":"a","calls":2,"quantity":"12.5","cost":"1.25"}',
            '{"user":"u","task":"b","calls":1,"quantity":"-0.001","cost":"0.00"}',
            '{"user":"v","task":"a","calls":1,"quantity":"-2","cost":"-0.20"}')
        shown = self.run_billing("inspect", "p").out.decode()
        for text in ("accepted  4 calls, 10.499 GB\n", "unit      GB\n", "task      b: 1 call, -0.001"):
            self.assertIn(text, shown)

    def test_credits_where_they_are_not_allowed(self):
        self.write_partial(sums(self.ROWS, unit="GB"))
        self.is_refused("p", "its rows are invalid")

    def test_what_does_not_agree_is_named(self):
        self.write_partial(sums(SUMS), "plain")
        for options, phrase in ((GB, "--unit: ms in 'plain', GB in 'p'"),
                                ({"quantity-digits": "3"}, "--quantity-digits: 0 in 'plain', 3 in 'p'"),
                                ({"negative": "allow"}, "--negative: refuse in 'plain', allow in 'p'"),
                                ({"split": "5,7000000000"}, "--split: none in 'plain', "
                                 "1970-01-01T00:00:00.000000005Z,1970-01-01T00:00:07Z in 'p'")):
            self.write_partial(sums([], **options))
            self.is_not_merged("plain", "p", phrases=("different options", phrase))

    def test_values_that_no_option_has(self):
        for name, value in (("unit", ""), ("unit", "k m"), ("unit", "x" * 17), ("unit", "ms"),
                            ("quantity-digits", "10"), ("quantity-digits", "0"),
                            ("quantity-digits", "-1"), ("negative", "refuse"), ("negative", "yes"),
                            ("split", ""), ("split", "7,5"), ("split", "5,5"), ("split", "x")):
            with self.subTest(name=name, value=value):
                self.write_partial(sums(SUMS, **{name: value}))
                self.is_refused("p", "its options are invalid")

    def test_sums_of_parts_make_the_bill_of_their_cycles(self):
        noon = (DAY * 86400 + 12 * 3600) * SECOND
        split = {"split": f"{noon},{noon + 86400 * SECOND}"}
        parts = [Row(b"u", DAY * 3, 0, 2, 5), Row(b"u", DAY * 3 + 1, 0, 4, 1),
                 Row(b"u", DAY * 3 + 1, 1, 1, 9), Row(b"u", (DAY + 1) * 3 + 2, 0, 1, 7)]
        self.write_partial(sums(parts, **split), "parts")
        self.write_partial(sums([Row(b"u", DAY, 0, 6, 6), Row(b"u", DAY, 1, 1, 9),
                                 Row(b"u", DAY + 1, 0, 1, 7)]), "whole")
        expected = self.merge("whole", *NOBODY)
        self.assertEqual(self.merge("parts", *NOBODY).out, expected.out)
        self.write_partial(sums([row._replace(user=b"") for row in parts], group_by="cycle,task",
                                **split), "parts")
        self.write_partial(sums([Row(b"", DAY, 0, 6, 6), Row(b"", DAY, 1, 1, 9),
                                 Row(b"", DAY + 1, 0, 1, 7)], group_by="cycle,task"), "whole")
        self.assertEqual(self.merge("parts", *NOBODY).out,
                         self.merge("whole", *NOBODY).out)
        for when in (DAY * 3 - 1, (DAY + 3) * 3):
            self.write_partial(sums(sorted([*parts, Row(b"u", when, 0, 1, 1)]), **split))
            self.is_refused("p", "its rows are invalid")


class Pieces(PartialTest):
    def piece(self, name, begin, records, is_last=False):
        """A partial of a piece of a log, of 10 bytes a record."""
        made = usage(False, [Row(b"u", DAY, 0, records, 3)], "day", tasks=(b"a",), name=b"log")
        made = made._replace(inputs=[made.inputs[0]._replace(bytes=10 * records,
                                                             piece=(begin, is_last))])
        self.write_partial(made, name)
        return made

    def test_pieces_of_a_log_merge_to_what_the_whole_log_says(self):
        whole = self.piece("1", 0, 3)
        self.piece("2", 30, 2)
        self.piece("3", 50, 1, is_last=True)
        [made] = whole.inputs
        self.write_partial(whole._replace(
            rows=[Row(b"u", DAY, 0, 6, 9)],
            inputs=[made._replace(piece=None, bytes=60, records=6, accepted=6, quantity=9)]), "all")
        self.merged("expected", "all")
        for order in ("123", "321", "213"):
            self.merged("p", *order)
            self.assertEqual(self.read("p"), self.read("expected"))
        self.merged("23", "2", "3")
        self.assertEqual([each.piece for each in self.decoded("23").inputs], [(30, True)])
        self.merged("p", "1", "23")
        self.assertEqual(self.read("p"), self.read("expected"))

    def test_bytes_that_stand_in_several_inputs_are_refused(self):
        whole = self.piece("1", 0, 3)
        self.piece("2", 20, 2, is_last=True)
        [made] = whole.inputs
        self.write_partial(whole._replace(inputs=[made._replace(piece=None)]), "all")
        for pieces in (("1", "2"), ("2", "1"), ("all", "2"), ("1", "all")):
            for result in (NOBODY, ("--partial", "made")):
                self.merge(*pieces, *result).fails(1, "of 'log' stand in several inputs",
                                                   "would count twice")
        self.assertFalse((self.folder / "made").exists())

    def test_a_piece_behind_the_last_byte_that_can_be_counted(self):
        self.piece("p", 2**64 - 30, 3)
        self.is_refused("p", "an input is invalid")


class Bounds(PartialTest):
    def test_quantities_that_no_calls_add_up_to(self):
        """Their sums would leave 128 bits, or come back to what the inputs say."""
        for quantities in ((2**126,) * 4, (2**127 - 1, 2**127 - 1), (2**127 - 1, 1 - 2**127),
                           (10**15,)):
            rows = [Row(b"u%d" % number, DAY, 0, 1, quantity)
                    for number, quantity in enumerate(quantities)]
            self.write_partial(sums(rows, negative="allow")._replace(
                inputs=sums([SUMS[0]._replace(extra=len(rows), quantity=0)]).inputs), quantity=0)
            self.is_refused("p", "its rows are invalid")

    def test_rows_of_more_calls_than_the_inputs(self):
        rows = [Row(b"u%d" % number, DAY, 0, 2**63, 0) for number in range(4)]
        self.write_partial(sums(rows)._replace(
            inputs=sums([SUMS[0]._replace(extra=5, quantity=0)]).inputs), calls=5, quantity=0)
        self.is_refused("p", "its rows are not what its inputs add up to")


if __name__ == "__main__":
    unittest.main()
