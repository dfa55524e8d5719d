"""What a receiver can be asked for."""

import logging
import logging.handlers
import os

import jackdaws as module


def test_a_unix_socket_is_a_host_without_a_port(jackdaws_factory, programs):
    receiver = jackdaws_factory(listen="unix")
    assert receiver.port is None and os.path.exists(receiver.host)
    assert receiver.env == {"JACKDAWS_HOST": receiver.host, "JACKDAWS_PORT": ""}
    programs.run(receiver, "log.info('by a path')")
    receiver.wait_for("by a path")


def test_a_deep_folder_for_temporary_files_does_no_harm(jackdaws_factory, tmp_path, monkeypatch):
    deep = tmp_path.joinpath("d" * 60, "e" * 60)
    deep.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert len(jackdaws_factory(listen="unix").host) < 100


def test_datagrams_are_received(jackdaws_factory):
    for listen in ["udp", "unixgram"]:
        receiver = jackdaws_factory(listen=listen)
        handler = logging.handlers.DatagramHandler(*receiver.address)
        handler.emit(logging.makeLogRecord({"msg": "in a datagram"}))
        handler.close()
        receiver.wait_for("in a datagram")


def test_only_the_severe_ones_of_a_logger_come(jackdaws_factory, programs, messages):
    receiver = jackdaws_factory(level="WARNING", name=["child.a", "child.b"])
    body = """
        for name in ["child", "child.a", "child.b.c", "child.ab"]:
            logging.getLogger(name).info("mild, of %s", name)
            logging.getLogger(name).error("severe, of %s", name)
        """
    programs.run(receiver, body)
    assert messages(receiver.finish()) == ["severe, of child.a", "severe, of child.b.c"]


def test_a_level_of_the_tests_own_is_a_number_for_the_program(jackdaws_factory):
    logging.addLevelName(25, "NOTICE")
    receiver = jackdaws_factory(level="NOTICE")
    for level in [24, 25]:
        handler = logging.handlers.SocketHandler(*receiver.address)
        handler.emit(logging.makeLogRecord({"msg": "level %d" % level, "levelno": level}))
        handler.close()
    assert [record.levelno for record in receiver.finish()] == [25]


def test_further_options_are_the_programs(tmp_path):
    text = tmp_path / "log.txt"
    with module.Receiver(args=["--logname", "all", "--max-connections", "2"]) as receiver:
        handler = logging.handlers.SocketHandler(*receiver.address)
        handler.emit(logging.makeLogRecord({"msg": "hello"}))
        handler.close()
        receiver.wait_for("hello")
    assert not text.exists()


def test_the_program_may_be_named_by_the_environment(monkeypatch):
    path = module._receiver.find_program()
    monkeypatch.setenv("JACKDAWS_PROGRAM", path)
    monkeypatch.setenv("PATH", "")
    with module.Receiver() as receiver:
        assert receiver.host == "127.0.0.1"


def test_every_address_is_sent_to_on_this_machine():
    from jackdaws._pipes import address_of

    assert address_of("tcp:0.0.0.0:9020, tcp:[::]:9020") == ("127.0.0.1", 9020)
    assert address_of("tcp:[::]:9020") == ("::1", 9020)
    assert address_of("tcp:[fe80::1%eth0]:9020") == ("fe80::1%eth0", 9020)
    assert address_of("unixgram:/run/log") == ("/run/log", None)


def test_the_host_name_of_this_machine_has_one_port(jackdaws_factory, programs):
    receiver = jackdaws_factory(listen="localhost:0")
    programs.run(receiver, "log.info('hello')")
    receiver.wait_for("hello")
