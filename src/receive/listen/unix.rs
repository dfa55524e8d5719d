//! Unix sockets, and their files.
//!
//! In: a path. Out: a socket bound to it, whose file is removed when it is dropped. A file that a dead receiver left behind is
//! replaced. Refused: a path at which somebody listens, or at which there is something else.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{self, AddressFamily, SockType, UnixAddr};
use nix::sys::stat::{Mode, umask};

use super::{LocalAddress, Socket, set_nonblocking};
use crate::base::limits::LISTEN_BACKLOG;
use crate::base::own_file::OwnFile;
use crate::base::sys;
use crate::receive::datagram_handler::DatagramSocket;

pub(super) fn bind_stream(path: &Path, mode: Option<u32>) -> io::Result<(LocalAddress, Socket)> {
    let (listener, file) = bind_path(path, SockType::Stream, mode, &|| {
        let listener = UnixListener::bind(path)?;
        sys::listen(&listener, LISTEN_BACKLOG)?;
        Ok(listener.into())
    })?;
    Ok((LocalAddress::Unix(path.to_owned()), Socket::Unix(listener.into(), Some(file))))
}

pub(super) fn bind_datagram(path: &Path, mode: Option<u32>) -> io::Result<(LocalAddress, Socket)> {
    let (socket, file) = bind_path(path, SockType::Datagram, mode, &|| Ok(UnixDatagram::bind(path)?.into()))?;
    Ok((LocalAddress::Unixgram(path.to_owned()), Socket::Datagram(DatagramSocket::Unix(socket.into()), Some(file))))
}

/// Binds a path, replacing the socket file of a receiver that is dead.
fn bind_path(
    path: &Path,
    kind: SockType,
    mode: Option<u32>,
    bind: &dyn Fn() -> io::Result<OwnedFd>,
) -> io::Result<(OwnedFd, OwnFile)> {
    let _lock = lock_folder(path);
    let bind = || with_mode(mode, bind);
    let bound = match bind() {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(path, kind) => {
            fs::remove_file(path)?;
            bind()
        }
        outcome => outcome,
    }?;
    set_nonblocking(bound.as_fd())?;
    Ok((bound, OwnFile::at(path)?))
}

/// Two receivers that start at once must not each take the other for dead: while one looks, the other waits. Who else has the
/// folder locked is not waited for long.
fn lock_folder(path: &Path) -> Option<File> {
    let path = folder_of(path);
    let folder = File::open(path).ok()?;
    for _ in 0..LOCK_ATTEMPTS {
        match sys::try_lock(&folder) {
            Err(Errno::EWOULDBLOCK) => thread::sleep(LOCK_PAUSE),
            locked => return locked.is_ok().then_some(folder),
        }
    }
    log::warn!(target: "jackdaws", "{path:?} is locked by another program: not waiting for it any longer");
    None
}

/// A socket's file gets all permissions that the umask leaves.
fn with_mode<T>(mode: Option<u32>, bind: &dyn Fn() -> T) -> T {
    let Some(mode) = mode else { return bind() };
    // Of a mode, some systems have 16 bits.
    let masked = u16::try_from(!mode & 0o777).unwrap_or_default();
    let before = umask(Mode::from_bits_truncate(masked.into()));
    let bound = bind();
    umask(before);
    bound
}

/// The path up to its last slash. `Path::parent` would bring 2 kB along that know about more than slashes.
fn folder_of(path: &Path) -> &Path {
    let bytes = path.as_os_str().as_bytes();
    match bytes.iter().rposition(|&byte| byte == b'/').and_then(|slash| bytes.get(..=slash)) {
        Some(folder) => Path::new(OsStr::from_bytes(folder)),
        None => Path::new("."),
    }
}

/// True if `path` is a socket on which nobody listens.
fn is_stale(path: &Path, kind: SockType) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    let connect = || {
        let socket = sys::socket(AddressFamily::Unix, kind)?;
        set_nonblocking(socket.as_fd())?;
        socket::connect(socket.as_raw_fd(), &UnixAddr::new(path)?)
    };
    is_socket && connect() == Err(Errno::ECONNREFUSED)
}

/// How long to wait for the lock on a folder: half a second, when a receiver needs a millisecond.
const LOCK_ATTEMPTS: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::super::{Address, Error, bind};
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn goes_on_when_a_stranger_has_the_folder_locked() {
        let folder = tempfile::tempdir().unwrap();
        let stranger = File::open(folder.path()).unwrap();
        sys::try_lock(&stranger).unwrap();
        let address = format!("unix:{}", folder.path().join("socket").display());
        let bound = bind(&Address::parse(OsStr::new(&address)).unwrap(), Some(0o640)).unwrap();
        assert!(bound.listening.to_string().ends_with("socket (mode 0640)"), "{}", bound.listening);
    }

    #[test]
    fn replaces_a_dead_receivers_socket_and_not_a_live_ones() {
        for scheme in ["unix", "unixgram"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("socket");
            let address = Address::parse(OsStr::new(&format!("{scheme}:{}", path.display()))).unwrap();
            let live = bind(&address, None).unwrap();
            assert_eq!(live.listening.port_file_entry(), path.display().to_string());
            let error = bind(&address, None).unwrap_err();
            assert!(matches!(&error, Error::CannotListen { source, .. } if source.kind() == io::ErrorKind::AddrInUse));
            drop(live);
            assert!(!path.exists(), "removed when dropped");
            // Closed without being removed: what a killed receiver leaves behind.
            drop(UnixListener::bind(&path).unwrap());
            let bound = bind(&address, None).unwrap();
            if scheme == "unix" {
                UnixStream::connect(&path).unwrap();
            }
            fs::remove_file(&path).unwrap();
            fs::write(&path, "someone else's").unwrap();
            drop(bound);
            assert!(path.exists(), "not ours any more");
            assert!(bind(&address, None).is_err(), "not a socket");
            assert!(path.exists());
        }
    }
}
