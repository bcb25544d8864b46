"""The notebook of docs/ and the example of README run, and print what stands in them."""
import os
import unittest

import nbclient
import nbformat

import billing

from fixture import ROOT, PackageTest, find_program


class NotebookTest(PackageTest):
    def test_cells_print_what_stands_below_them(self):
        written = nbformat.read(ROOT / "docs" / "python.ipynb", as_version=4)
        run = nbformat.read(ROOT / "docs" / "python.ipynb", as_version=4)
        before = os.environ["PATH"]
        os.environ["PATH"] = f"{find_program().parent}{os.pathsep}{before}"
        self.addCleanup(os.environ.__setitem__, "PATH", before)
        nbclient.NotebookClient(run, timeout=120, kernel_name="python3",
                                resources={"metadata": {"path": str(self.folder)}}).execute()
        for cell, expected in zip(run.cells, written.cells):
            self.assertEqual(self.printed_by(cell), self.printed_by(expected), cell.source)
        self.assertTrue(any(self.printed_by(cell) for cell in written.cells))

    def test_the_example_of_the_readme(self):
        lines = (ROOT / "README.md").read_text().splitlines()
        place = next(i for i, line in enumerate(lines) if line.startswith(">>> billing."))
        before = os.getcwd()
        os.chdir(ROOT)
        self.addCleanup(os.chdir, before)
        bill = eval(lines[place][4:], {"billing": billing})  # pylint: disable=eval-used
        self.assertEqual(repr(bill), lines[place + 1])

    def printed_by(self, cell):
        return "".join(output.get("text", "") for output in cell.get("outputs", [])
                       if output.output_type == "stream" and output.name == "stdout")


if __name__ == "__main__":
    unittest.main()
