"""Records of other processes in pytest's `caplog`."""

import logging
import logging.handlers


def test_records_of_other_processes_appear(jackdaws, programs, caplog):
    programs.run(jackdaws, "log.info('before it was asked for')")
    jackdaws.wait_for("before")
    jackdaws.to_caplog()
    programs.run(jackdaws, "log.warning('after')")
    jackdaws.wait_for("after")
    assert caplog.record_tuples == [("child", 20, "before it was asked for"), ("child", 30, "after")]
    assert "WARNING  child:" in caplog.text


def test_asking_twice_doubles_nothing(jackdaws, programs, caplog):
    jackdaws.to_caplog()
    programs.run(jackdaws, "log.info('once')")
    jackdaws.wait_for("once")
    jackdaws.to_caplog()
    assert caplog.messages == ["once"]


def test_the_level_of_caplog_holds(jackdaws, programs, caplog):
    jackdaws.to_caplog()
    with caplog.at_level(logging.ERROR):
        programs.run(jackdaws, "log.warning('too mild'); log.error('severe')")
        jackdaws.wait_for("severe")
    assert caplog.messages == ["severe"]


def test_nothing_goes_round_in_circles(jackdaws, programs, caplog):
    """This process sends to the receiver too, as a program under test does that runs within the test."""
    handler = logging.handlers.SocketHandler(*jackdaws.address)
    logging.getLogger().addHandler(handler)
    try:
        jackdaws.to_caplog()
        logging.getLogger("here").warning("of this process")
        programs.run(jackdaws, "log.warning('of another')")
        jackdaws.wait_for(count=2)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    assert sorted(caplog.messages) == ["of another", "of this process"]
    assert len(jackdaws.finish()) == 2


def test_without_asking_they_do_not_appear(jackdaws, programs, caplog):
    programs.run(jackdaws, "log.warning('unasked')")
    jackdaws.wait_for("unasked")
    assert caplog.records == []


def test_an_option_asks_for_all(pytester):
    pytester.makeini("[pytest]\njackdaws_caplog = true\n")
    pytester.makepyfile(
        """
        import os, subprocess, sys

        CHILD = '''
        import logging, logging.handlers, os
        logging.basicConfig(handlers=[logging.handlers.SocketHandler(os.environ["JACKDAWS_HOST"], int(os.environ["JACKDAWS_PORT"]))])
        logging.error("from the child")
        '''.replace("        ", "")

        def test_child(jackdaws, caplog):
            subprocess.check_call([sys.executable, "-c", CHILD], env=dict(os.environ, **jackdaws.env))
            jackdaws.wait_for("from the child")
            assert caplog.messages == ["from the child"]
            assert 0
        """
    )
    result = pytester.runpytest_subprocess("-W", "error")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Captured log call*", "ERROR    root:*from the child"])
