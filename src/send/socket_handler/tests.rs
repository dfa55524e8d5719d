//! Connecting again, and threads that take turns.

#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use std::io::Read;
use std::os::unix::net::UnixListener;

use log::Level;

use super::*;

#[test]
fn waits_1_2_4_to_30_seconds_between_attempts_to_connect() {
    let mut retry = Retry::default();
    let mut now = Instant::now();
    assert!(!retry.is_waiting(now));
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        retry.failed(now);
        let period = Duration::from_secs(seconds);
        assert!(retry.is_waiting(now));
        assert!(retry.is_waiting(now + period - Duration::from_nanos(1)));
        assert!(!retry.is_waiting(now + period));
        now += period + Duration::from_nanos(1);
        assert!(!retry.is_waiting(now));
    }
}

#[test]
fn connects_when_the_wait_is_over_and_not_before() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let address = Address::Unix(path.clone());
    let now = Instant::now();
    let deadline = now + Duration::from_secs(60);

    let mut link = Link::default();
    link.create_socket(&address, deadline);
    assert!(link.socket.is_none());
    assert_eq!(link.retry.period.map(|(_, period)| period), Some(RETRY_START));

    let _listener = UnixListener::bind(path).unwrap();
    link.retry.period = Some((now, Duration::from_secs(3600)));
    link.create_socket(&address, deadline);
    assert!(link.socket.is_none());

    link.retry.period = Some((now, Duration::ZERO));
    link.create_socket(&address, deadline);
    assert!(link.socket.is_some());
    assert_eq!(link.retry.period, None, "the next failure waits a second again");
}

#[test]
fn does_not_wait_past_the_timeout_for_a_thread_that_is_sending() {
    let (_directory, _listener, handler) = listening();
    let handler = handler.timeout(Duration::from_millis(10));
    let turn = handler.inner.turn(handler.inner.deadline()).unwrap();
    log(&handler, Level::Info, format_args!("too late"));
    assert_eq!(handler.dropped(), 1);
    handler.flush();

    drop(turn);
    drop(handler.inner.turn(handler.inner.deadline()).unwrap());
}

#[test]
fn wakes_the_next_thread_when_one_is_done() {
    let (_directory, _listener, handler) = listening();
    let inner = handler.timeout(Duration::from_secs(20)).inner;
    let take_turns = || {
        (0..500).all(|_| {
            let deadline = inner.deadline();
            let _turn = inner.turn(deadline).unwrap();
            thread::yield_now();
            remaining(deadline).is_ok()
        })
    };
    thread::scope(|scope| {
        let threads = [(); 4].map(|()| scope.spawn(take_turns));
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()), "woken by the deadline alone");
    });
}

#[test]
fn gives_the_connection_back_when_a_thread_panics() {
    let (_directory, _listener, handler) = listening();
    let inner = Arc::clone(&handler.inner);
    let panicked = thread::spawn(move || {
        let _turn = inner.turn(inner.deadline());
        panic!("as a test of it");
    });
    assert!(panicked.join().is_err());
    log(&handler, Level::Info, format_args!("goes on"));
    assert_eq!(handler.dropped(), 0);
}

#[test]
fn drops_what_is_logged_while_it_formats_and_goes_on() {
    struct Talks<'a>(&'a SocketHandler);
    impl fmt::Display for Talks<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            log(self.0, Level::Info, format_args!("{}", Talks(self.0)));
            f.write_str("said")
        }
    }

    let (_directory, listener, handler) = listening();
    for dropped in 1..=2 {
        log(&handler, Level::Info, format_args!("{}", Talks(&handler)));
        assert_eq!(handler.dropped(), dropped);
    }
    drop(handler);
    assert_eq!(received(&listener).matches("said").count(), 2);
}

#[test]
fn does_not_stay_silent_after_a_display_that_panics() {
    struct Panics;
    impl fmt::Display for Panics {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("as a test of it");
        }
    }

    let (_directory, listener, handler) = listening();
    let noisy = handler.clone();
    let talk = move || log(&noisy, Level::Info, format_args!("{Panics}"));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(talk)).is_err());
    log(&handler, Level::Info, format_args!("afterwards"));
    assert_eq!(handler.dropped(), 0);
    drop(handler);
    assert!(received(&listener).contains("afterwards"));
}

#[test]
fn sends_only_what_is_severe_enough() {
    let (_directory, listener, handler) = listening();
    let severe = handler.clone().level(LevelFilter::Warn);
    for handler in [&handler, &severe] {
        log(handler, Level::Error, format_args!("more"));
        log(handler, Level::Warn, format_args!("barely"));
        log(handler, Level::Info, format_args!("less"));
    }
    drop(severe);
    assert_eq!(handler.dropped(), 0, "refused is not dropped");
    drop(handler);
    let received = received(&listener);
    let count = |message| received.matches(message).count();
    assert_eq!((count("more"), count("barely"), count("less")), (2, 2, 1));
}

#[test]
fn asks_a_slow_name_server_once_and_takes_its_answer_later() {
    let (sender, answer) = mpsc::channel();
    let mut link = Link { resolving: Some(answer), ..Link::default() };
    let soon = Instant::now() + Duration::from_millis(10);
    let error = link.resolve("slow.example", 9020, soon).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);

    let addresses = vec![SocketAddr::from(([127, 0, 0, 1], 9020))];
    sender.send(Ok(addresses.clone())).unwrap();
    let later = Instant::now() + TIMEOUT;
    assert_eq!(link.resolve("slow.example", 9020, later).unwrap(), addresses);
    assert!(link.resolving.is_none());
}

#[test]
fn asks_no_name_server_about_an_address() {
    let passed = Instant::now();
    let addresses = Link::default().resolve("::1", 9020, passed).unwrap();
    assert_eq!(addresses, ["[::1]:9020".parse().unwrap()]);
}

#[test]
fn takes_any_timeout() {
    let absent = SocketHandler::new("127.0.0.1", 1);
    for timeout in [Duration::ZERO, Duration::MAX] {
        let handler = absent.clone().timeout(timeout);
        log(&handler, Level::Info, format_args!("nobody hears this"));
        assert_eq!(handler.dropped(), 1);
    }
    assert_eq!(absent.dropped(), 0, "another timeout, another handler");
}

/// With a timeout that a test never meets where it expects none.
fn listening() -> (tempfile::TempDir, Receiving, SocketHandler) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let handler = SocketHandler::unix(path).timeout(Duration::from_secs(60));
    (directory, receive(listener), handler)
}

type Receiving = Receiver<Vec<u8>>;

/// Takes connections, and tells what came on each.
fn receive(listener: UnixListener) -> Receiving {
    let (sender, receiving) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut bytes = Vec::new();
            stream.unwrap().read_to_end(&mut bytes).unwrap();
            if sender.send(bytes).is_err() {
                return;
            }
        }
    });
    receiving
}

fn received(receiving: &Receiving) -> String {
    let bytes = receiving.recv_timeout(Duration::from_secs(60)).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn log(handler: &SocketHandler, level: Level, message: fmt::Arguments<'_>) {
    let record = &mut Record::builder();
    handler.log(&record.level(level).args(message).build());
}
