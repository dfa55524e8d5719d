//! Sends the five records of "Sending and receiving logging events across a network".
//!
//! `cargo run --release --example send -- HOST:PORT`, or `unix:PATH`.

use std::env;
use std::process::ExitCode;

use jackdaws::send::SocketHandler;
use log::{debug, error, info, warn};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(address), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: send HOST:PORT | unix:PATH");
        return ExitCode::from(2);
    };
    let Some(handler) = handler(&address) else {
        eprintln!("not HOST:PORT or unix:PATH: {address}");
        return ExitCode::from(2);
    };
    if let Err(e) = handler.clone().init() {
        eprintln!("{e}");
        return ExitCode::FAILURE;
    }

    info!(target: "root", "Jackdaws love my big sphinx of quartz.");
    debug!(target: "myapp.area1", "Quick zephyrs blow, vexing daft Jim.");
    info!(target: "myapp.area1", "How quickly daft jumping zebras vex.");
    warn!(target: "myapp.area2", "Jail zesty vixen who grabbed pay from quack.");
    error!(target: "myapp.area2", "The five boxing wizards jump quickly.");

    log::logger().flush();
    match handler.dropped() {
        0 => ExitCode::SUCCESS,
        dropped => {
            eprintln!("{dropped} of 5 records could not be sent to {address}");
            ExitCode::FAILURE
        }
    }
}

/// IPv6 hosts stand in brackets.
fn handler(address: &str) -> Option<SocketHandler> {
    if let Some(path) = address.strip_prefix("unix:") {
        return Some(SocketHandler::unix(path));
    }
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Some(SocketHandler::new(host, port.parse().ok()?))
}
