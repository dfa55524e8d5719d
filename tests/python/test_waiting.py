"""What is waited for, what comes instead, and what must not come."""

import asyncio
import logging
import logging.handlers
import re
import threading

import pytest

import jackdaws as module


@pytest.fixture
def log(jackdaws):
    """A logger of this process."""
    logger = logging.Logger("shop")
    handler = logging.handlers.SocketHandler(*jackdaws.address)
    logger.addHandler(handler)
    yield logger
    handler.close()


def test_a_message_is_found_by_a_part_a_pattern_or_a_function(jackdaws, log):
    log.info("order 1 of Ann")
    log.info("order 2 of Ben")
    assert jackdaws.wait_for("Ben").getMessage() == "order 2 of Ben"
    assert jackdaws.wait_for(re.compile(r"order \d of A")).getMessage() == "order 1 of Ann"
    assert jackdaws.wait_for(lambda record: record.msg.endswith("Ben")).getMessage() == "order 2 of Ben"
    assert jackdaws.wait_for().getMessage() == "order 1 of Ann"


def test_each_call_begins_with_the_first_record(jackdaws, log):
    log.info("ready")
    assert jackdaws.wait_for("ready").created == jackdaws.wait_for("ready").created
    with pytest.raises(module.NotReceived, match="1 of 2 records with 'ready' in the message came within 0.2 s"):
        jackdaws.wait_for("ready", count=2, timeout=0.2)
    log.info("ready")
    assert len(jackdaws.wait_for("ready", count=2)) == 2


def test_a_logger_stands_for_those_below_it(jackdaws):
    for name in ["shop", "shop.cart", "shopping"]:
        handler = logging.handlers.SocketHandler(*jackdaws.address)
        handler.emit(logging.makeLogRecord({"name": name, "msg": name}))
        handler.close()
    jackdaws.wait_for(count=3)
    found = jackdaws.wait_for(name="shop", count=2)
    assert sorted(record.name for record in found) == ["shop", "shop.cart"]
    with pytest.raises(module.NotReceived, match="of logger shop "):
        jackdaws.wait_for(name="shop", count=3, timeout=0.1)


def test_a_level_is_a_name_or_a_number(jackdaws, log):
    log.info("low")
    log.log(35, "middling")
    log.error("high")
    assert jackdaws.wait_for(level="ERROR").getMessage() == "high"
    assert jackdaws.wait_for(level="error").getMessage() == "high"
    assert jackdaws.wait_for(level=30).getMessage() == "middling"
    assert len(jackdaws.wait_for(level="INFO", count=3)) == 3
    with pytest.raises(ValueError, match="not 'LOUD'"):
        jackdaws.wait_for(level="LOUD")


def test_in_vain_says_what_was_wanted_and_what_came(jackdaws, log):
    for number in range(25):
        log.info("number %d", number)
    log.error("two\nlines")
    jackdaws.wait_for(count=26)
    with pytest.raises(AssertionError) as raised:
        jackdaws.wait_for("eleventh hour", level="WARNING", timeout=0.1)
    said = str(raised.value)
    assert raised.type is module.NotReceived
    assert said.startswith(
        "no record at least WARNING with 'eleventh hour' in the message came within 0.1 s; 26 records came:"
        "\n    (6 earlier records)\n    INFO     shop: number 6\n"
    )
    assert said.endswith("\n    ERROR    shop: two (and 1 more line)")


def test_in_vain_says_if_nothing_came_at_all(jackdaws):
    with pytest.raises(module.NotReceived, match="^no record came within 0.1 s; none came at all$"):
        jackdaws.wait_for(timeout=0.1)


def test_after_the_end_nothing_is_waited_for(jackdaws, log):
    log.info("once")
    assert len(jackdaws.finish()) == 1
    assert jackdaws.wait_for("once", timeout=60).getMessage() == "once"
    with pytest.raises(module.NotReceived, match="no record with 'twice' in the message came before it was finished"):
        jackdaws.wait_for("twice", timeout=3600)
    assert len(jackdaws.finish()) == 1, "again"


def test_absence_is_asserted(jackdaws, log):
    jackdaws.assert_none()
    log.info("harmless")
    jackdaws.wait_for("harmless")
    jackdaws.assert_none(level="WARNING")
    jackdaws.assert_none("harmful", within=0.2)
    with pytest.raises(AssertionError, match="a record with 'harm' in the message came:\n    INFO     shop: harmless"):
        jackdaws.assert_none("harm")


def test_absence_ends_with_what_comes_meanwhile(jackdaws, log):
    late = threading.Timer(0.1, log.error, ["too late"])
    late.start()
    with pytest.raises(AssertionError, match="too late"):
        jackdaws.assert_none(level="ERROR", within=60)
    late.join()


def test_what_was_cleared_is_gone(jackdaws, log):
    log.info("set-up")
    jackdaws.wait_for("set-up")
    jackdaws.clear()
    assert jackdaws.records == []
    jackdaws.assert_none()
    log.info("test")
    assert jackdaws.wait_for().getMessage() == "test"
    assert [record.msg for record in jackdaws.finish()] == ["test"]


def test_several_threads_may_wait(jackdaws, log):
    found = []
    threads = [
        threading.Thread(target=lambda text=text: found.append(jackdaws.wait_for(text, timeout=30).msg))
        for text in ["one", "two", "three"]
    ]
    for thread in threads:
        thread.start()
    for text in ["three", "two", "one"]:
        log.info(text)
    for thread in threads:
        thread.join()
    assert sorted(found) == ["one", "three", "two"]


def test_a_coroutine_waits_in_a_thread(jackdaws, log):
    async def main():
        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(None, jackdaws.wait_for, "from the loop")
        log.info("from the loop")
        return await waiting

    assert asyncio.run(main()).getMessage() == "from the loop"


def test_a_wait_may_be_without_end(jackdaws, log):
    later = threading.Timer(0.1, log.info, ["at last"])
    later.start()
    assert jackdaws.wait_for("at last", timeout=float("inf")).msg == "at last"
    assert jackdaws.wait_for("at last", timeout=None).msg == "at last"
    assert jackdaws.finish(timeout=None) == jackdaws.records
    later.join()


@pytest.mark.parametrize("wrong", [{"match": 7}, {"name": 7}, {"match": b"bytes"}])
def test_what_cannot_be_matched_is_refused(jackdaws, wrong):
    with pytest.raises(TypeError, match="not (7|b'bytes')"):
        jackdaws.wait_for(**wrong)


def test_a_count_is_positive(jackdaws):
    with pytest.raises(ValueError, match="count"):
        jackdaws.wait_for(count=0)


def test_records_are_a_snapshot(jackdaws, log):
    log.info("one")
    jackdaws.wait_for("one")
    before = jackdaws.records
    log.info("two")
    jackdaws.wait_for("two")
    assert [record.msg for record in before] == ["one"]
    before.clear()
    assert len(jackdaws.records) == 2


def test_a_factory_of_records_of_the_program_under_test_is_left_out(jackdaws, log):
    def factory(*args, **kwargs):
        record = logging.LogRecord(*args, **kwargs)
        record.tenant = "of this process"
        return record

    before = logging.getLogRecordFactory()
    log.info("sent without")
    logging.setLogRecordFactory(factory)
    try:
        assert not hasattr(jackdaws.wait_for("sent without"), "tenant")
    finally:
        logging.setLogRecordFactory(before)
