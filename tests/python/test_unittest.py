"""Without pytest."""

import subprocess
import sys

TESTS = '''
import logging, logging.handlers, sys, unittest
import jackdaws


class ShopTest(unittest.TestCase):
    def setUp(self):
        self.receiver = jackdaws.Receiver()
        self.addCleanup(self.receiver.close)
        self.log = logging.Logger("shop")
        handler = logging.handlers.SocketHandler(*self.receiver.address)
        self.log.addHandler(handler)
        self.addCleanup(handler.close)

    def test_order(self):
        self.log.warning("sold out", extra={"customer": 7})
        self.assertEqual(self.receiver.wait_for("sold out").customer, 7)
        self.receiver.assert_none(level="ERROR")
        self.assertEqual([record.msg for record in self.receiver.finish()], ["sold out"])

    def test_failure(self):
        with self.assertRaises(self.failureException):
            self.receiver.wait_for("never", timeout=0.1)

    def test_nothing_is_imported_of_pytest(self):
        self.assertNotIn("pytest", sys.modules)


unittest.main()
'''


def test_unittest_needs_no_plugin(tmp_path):
    (tmp_path / "shop_test.py").write_text(TESTS)
    done = subprocess.run([sys.executable, "-W", "error", "shop_test.py"], cwd=str(tmp_path), stderr=subprocess.PIPE)
    said = done.stderr.decode()
    assert done.returncode == 0 and "Ran 3 tests" in said and "Warning" not in said, said
