"""What the documents show works as it stands there."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENTS = [".dist/python/README.md", "README.md"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_files_of_a_document_are_tests_that_pass(pytester, document):
    text = (ROOT / document).read_text(encoding="utf-8")
    files = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", text, re.DOTALL)
    tests = [name for name, _ in files if name.startswith("test_")]
    assert tests
    for name, content in files:
        (pytester.path / name).write_text(content, encoding="utf-8")
    result = pytester.runpytest_subprocess("-W", "error", *tests)
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] >= len(tests)


def test_every_name_of_the_table_is_one_of_a_receiver():
    import jackdaws

    table = (ROOT / ".dist/python/README.md").read_text(encoding="utf-8").partition("| of a `Receiver` |")[2].partition("\n\n")[0]
    named = {re.match(r"\w+", name).group() for row in table.splitlines()[3:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    public = {name for name in dir(jackdaws.Receiver) if not name.startswith("_")}
    assert named - {"with"} == public - {"NotReceived", "ReceiverFailed"}
