"""The notebooks run from top to bottom, each in a kernel of its own."""

import pathlib
import unittest

import nbclient
import nbformat

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"


class Notebooks(unittest.TestCase):
    def test_each_runs(self):
        paths = sorted(EXAMPLES.glob("*.ipynb"))
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path.name):
                notebook = nbformat.read(path, as_version=4)
                for cell in notebook.cells:
                    self.assertFalse(cell.get("outputs"), "notebooks are kept without outputs")
                nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
                printed = [
                    output.get("text", "")
                    for cell in notebook.cells
                    if cell.cell_type == "code"
                    for output in cell.outputs
                ]
                self.assertTrue(any("by chance once in" in text for text in printed))


if __name__ == "__main__":
    unittest.main()
