//! Telling the service manager: [`ready`], [`status`] and [`stopping`].
//!
//! Out: datagrams to the socket that `NOTIFY_SOCKET` names, as sd_notify(3) describes. Nothing happens when it is not set.

use std::ffi::{OsStr, OsString};
use std::io;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Everything is bound: connecting works.
pub fn ready() {
    notify("READY=1");
}

/// What had been sent is still read; then the process ends.
pub fn stopping() {
    notify("STOPPING=1");
}

/// A line for whoever asks the manager how things stand.
pub fn status(line: &str) {
    notify(&format!("STATUS={line}"));
}

/// True if there is a manager that wants to be told.
pub fn is_wanted() -> bool {
    socket().is_some()
}

fn socket() -> Option<OsString> {
    std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty())
}

fn notify(state: &str) {
    let Some(socket) = socket() else { return };
    if let Err(error) = send_to(&socket, state) {
        log::warn!(target: "jackdaws", "cannot notify {}: {error}", socket.to_string_lossy().escape_debug());
    }
}

/// A name that begins with `@` is in Linux's abstract namespace.
fn send_to(socket: &OsStr, state: &str) -> io::Result<()> {
    let address = match socket.as_bytes().split_first() {
        #[cfg(target_os = "linux")]
        Some((b'@', name)) => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    let sender = UnixDatagram::unbound()?;
    // A manager that does not listen must not stop the receiver from working.
    sender.set_nonblocking(true)?;
    sender.send_to_addr(state.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_to_a_path_and_to_an_abstract_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let abstract_name = format!("jackdaws-{}-notify", std::process::id());
        let addresses = [
            SocketAddr::from_pathname(&path).unwrap(),
            SocketAddr::from_abstract_name(abstract_name.as_bytes()).unwrap(),
        ];
        for (address, name) in addresses.iter().zip([path.into_os_string(), format!("@{abstract_name}").into()]) {
            let manager = UnixDatagram::bind_addr(address).unwrap();
            send_to(&name, "READY=1").unwrap();
            let mut message = [0; 100];
            let length = manager.recv(&mut message).unwrap();
            assert_eq!(&message[..length], b"READY=1");
            drop(manager);
            assert!(send_to(&name, "READY=1").is_err());
        }
    }
}
