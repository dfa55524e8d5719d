//! The C library, where nix does not reach: the only file with `unsafe`.
//!
//! Local time by `localtime_r` and `strftime`, the functions that CPython's `time` module calls; the allocator, its arenas and its
//! patience; which signals are ignored; sockets and threads as each system has them; file descriptors that whoever started this
//! process has opened for it. Refused: times whose year does not fit in a C `int`.
#![allow(unsafe_code, reason = "each block says why it is sound")]

use std::alloc::{GlobalAlloc, Layout, System, alloc_zeroed};
use std::ffi::{CStr, OsStr, OsString, c_char};
use std::io;
use std::mem::MaybeUninit;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::Signal;
use nix::sys::socket::{self, AddressFamily, MsgFlags, SockFlag, SockType};

use crate::base::digits;

/// A time by calendar and clock, with its zone.
#[derive(Clone, Copy)]
pub(crate) struct BrokenDownTime(libc::tm);

unsafe extern "C" {
    /// POSIX; the libc crate does not declare it for every platform.
    fn tzset();
}

#[cfg(not(all(target_env = "musl", target_pointer_width = "32")))]
use libc::{gmtime_r, localtime_r};

#[cfg(not(all(target_env = "musl", target_pointer_width = "32")))]
#[allow(deprecated, reason = "what is to change is musl's on the other machines")]
type Time = libc::time_t;

/// musl since 1.2 has times that go past 2038 on 32-bit machines too, by names that its headers choose. The libc crate declares the
/// older functions.
#[cfg(all(target_env = "musl", target_pointer_width = "32"))]
type Time = i64;

#[cfg(all(target_env = "musl", target_pointer_width = "32"))]
unsafe extern "C" {
    #[link_name = "__gmtime64_r"]
    fn gmtime_r(time: *const Time, result: *mut libc::tm) -> *mut libc::tm;
    #[link_name = "__localtime64_r"]
    fn localtime_r(time: *const Time, result: *mut libc::tm) -> *mut libc::tm;
}

/// Reads `TZ` or the system's time zone, which `localtime_r` alone need not do.
pub(crate) fn read_time_zone() {
    // SAFETY: it takes nothing and gives nothing. It reads the environment, which nothing here changes.
    unsafe { tzset() }
}

impl BrokenDownTime {
    /// The time in the local zone; [`read_time_zone`] must have been called once.
    pub fn local(seconds: i64) -> Option<BrokenDownTime> {
        let seconds = Time::try_from(seconds).ok()?;
        let mut time = MaybeUninit::uninit();
        // SAFETY: both pointers are to live, aligned objects of the types that it takes; it keeps neither. What it returned
        // without error it has initialized. `tm_zone` points into the C library's zone names, which it never frees.
        unsafe { (!localtime_r(&seconds, time.as_mut_ptr()).is_null()).then(|| BrokenDownTime(time.assume_init())) }
    }

    /// The time in UTC.
    pub fn utc(seconds: i64) -> Option<BrokenDownTime> {
        let seconds = Time::try_from(seconds).ok()?;
        let mut time = MaybeUninit::uninit();
        // SAFETY: as for `localtime_r`.
        unsafe { (!gmtime_r(&seconds, time.as_mut_ptr()).is_null()).then(|| BrokenDownTime(time.assume_init())) }
    }

    /// The year of our era.
    pub fn year(&self) -> i64 {
        i64::from(self.0.tm_year).saturating_add(1900)
    }

    /// Seconds since midnight, as a clock shows them.
    pub fn second_of_day(&self) -> i64 {
        let [hour, minute, second] = [self.0.tm_hour, self.0.tm_min, self.0.tm_sec].map(i64::from);
        hour.saturating_mul(60).saturating_add(minute).saturating_mul(60).saturating_add(second)
    }

    /// From 0, Monday, to 6, as Python counts.
    pub fn weekday(&self) -> i64 {
        i64::from(self.0.tm_wday).saturating_sub(1).rem_euclid(7)
    }

    /// Whether it is summer time.
    pub fn is_dst(&self) -> bool {
        self.0.tm_isdst > 0
    }

    /// Writes the time to `buffer`, without a NUL at its end, and returns the bytes written: none if they do not fit.
    pub fn strftime(&self, format: &CStr, buffer: &mut [u8]) -> usize {
        // SAFETY: it writes at most `buffer.len()` bytes to `buffer`, reads `format` up to its NUL, and reads a `tm` that
        // `localtime_r` or `gmtime_r` filled in; it keeps none of the pointers.
        unsafe { libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), &self.0) }
    }
}

/// What a process should ask of the C library before it has threads: that the allocator shares two arenas among all threads,
/// instead of one for each, which costs address space, and gives what is large back to the system when it is freed, however much
/// was freed before; and that a write beyond the limit of file sizes (EFBIG), or to a peer that has gone (EPIPE), is an error,
/// as in CPython, rather than the end of the process. A standard stream that is closed becomes `/dev/null`: what is opened later gets
/// another number.
pub fn prepare_process() {
    for stream in 0..=2 {
        // SAFETY: both take numbers, of which `fcntl` refuses those that are not open, and a text that ends with NUL.
        let is_there = unsafe {
            libc::fcntl(stream, libc::F_GETFD) != -1 || libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) == stream
        };
        if !is_there {
            process::abort();
        }
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: each sets one number inside the allocator.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 2);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_ALLOCATION_BYTES);
    }
    // SAFETY: sets dispositions that run no code.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
}

/// The arguments of C's `main`, which alone makes one.
#[derive(Debug)]
#[repr(transparent)]
pub struct Arguments(*const *const c_char);

impl Arguments {
    /// Those after the program's name.
    pub fn to_vec(&self) -> Vec<OsString> {
        let (mut arguments, mut is_own_name) = (Vec::new(), true);
        // SAFETY: the C library gives an array of texts that end with NUL, behind the last of which is a null pointer, and both
        // stay as long as the process. Nothing is read beyond that pointer.
        unsafe {
            let mut next = self.0;
            while !(*next).is_null() {
                if !std::mem::take(&mut is_own_name) {
                    arguments.push(OsStr::from_bytes(CStr::from_ptr(*next).to_bytes()).to_owned());
                }
                next = next.add(1);
            }
        }
        arguments
    }
}

/// Ends the process, and runs nothing more in it.
pub fn exit(status: u8) -> ! {
    // SAFETY: it takes a number, and does not return.
    unsafe { libc::_exit(status.into()) }
}

/// Standard input, without the buffer and the lock of Rust's library.
// SAFETY: it is open from the beginning, and nothing closes it.
pub const STDIN: BorrowedFd<'static> = unsafe { BorrowedFd::borrow_raw(0) };

/// Standard output, likewise.
// SAFETY: as above.
pub const STDOUT: BorrowedFd<'static> = unsafe { BorrowedFd::borrow_raw(1) };

/// Standard error, likewise.
// SAFETY: as above.
pub const STDERR: BorrowedFd<'static> = unsafe { BorrowedFd::borrow_raw(2) };

/// The system's allocator, except that a small request waits for memory that others give back: what most of Rust's library asks for
/// has no answer to a refusal but the end of the process. What is large is asked for where a refusal is an answer, at once.
#[derive(Debug)]
pub struct PatientAllocator;

// SAFETY: each request goes to `System` as it came, under the same contract; one that was refused has changed nothing, so that it
// may be made again.
unsafe impl GlobalAlloc for PatientAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract, which is the same.
        patiently(layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        patiently(layout.size(), || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        patiently(size, || unsafe { System.realloc(start, layout, size) })
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(start, layout) }
    }
}

#[inline]
fn patiently(size: usize, request: impl Fn() -> *mut u8) -> *mut u8 {
    let start = request();
    if start.is_null() && size <= SMALL_ALLOCATION_BYTES { ask_again(&request) } else { start }
}

#[cold]
#[inline(never)]
fn ask_again(request: &dyn Fn() -> *mut u8) -> *mut u8 {
    let mut answers = (0..REQUESTS).map(|_| {
        thread::sleep(REQUEST_PAUSE);
        request()
    });
    AWAITED.fetch_add(1, Ordering::Relaxed);
    let start = answers.find(|start| !start.is_null()).unwrap_or(ptr::null_mut());
    AWAITED.fetch_sub(1, Ordering::Relaxed);
    start
}

/// True while a small request waits for memory.
pub(crate) fn is_memory_awaited() -> bool {
    AWAITED.load(Ordering::Relaxed) > 0
}

static AWAITED: AtomicUsize = AtomicUsize::new(0);

/// Below what frames, lines and batches grow by.
const SMALL_ALLOCATION_BYTES: usize = 32 << 10;

/// Ten seconds in all.
const REQUESTS: usize = 10_000;
const REQUEST_PAUSE: Duration = Duration::from_millis(1);

/// So many zeros; `None` if the system has no memory for them. Their pages take none before they are written to.
pub(crate) fn zeroed(bytes: NonZeroUsize) -> Option<Vec<u8>> {
    let layout = Layout::array::<u8>(bytes.get()).ok()?;
    // SAFETY: the layout is not of size 0.
    let start = unsafe { alloc_zeroed(layout) };
    // SAFETY: it was allocated by the global allocator, as a `Vec` of that capacity would, and is initialized throughout.
    (!start.is_null()).then(|| unsafe { Vec::from_raw_parts(start, bytes.get(), bytes.get()) })
}

/// Above read buffers and batches, which are used again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE_ALLOCATION_BYTES: libc::c_int = 512 << 10;

/// True if a signal is ignored, as whoever started this process may have wanted it.
pub fn is_signal_ignored(signal: Signal) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the pointer is to a live object of the type that it fills in, which is made of numbers and an optional function:
    // zeros are a value of it. Without a new action nothing changes.
    unsafe {
        libc::sigaction(number_of(signal), ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

#[allow(clippy::as_conversions, reason = "how an enum with numbers gives them")]
const fn number_of(signal: Signal) -> libc::c_int {
    signal as libc::c_int
}

/// Ignores a signal.
pub fn ignore_signal(signal: Signal) {
    // SAFETY: sets a disposition that runs no code.
    unsafe {
        libc::signal(number_of(signal), libc::SIG_IGN);
    }
}

/// The descriptor that a path names: `/dev/stdin`, `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`, and what those are links to,
/// `/proc/self/fd/N`. To open it by its name would open a file or terminal anew, at its beginning, and fail for a socket.
pub fn descriptor_named(path: &Path) -> Option<RawFd> {
    let name = path.to_str()?;
    let number = match name {
        "/dev/stdin" => return Some(0),
        "/dev/stdout" => return Some(1),
        "/dev/stderr" => return Some(2),
        _ => name.strip_prefix("/dev/fd/").or_else(|| name.strip_prefix("/proc/self/fd/"))?,
    };
    digits::unsigned(number)
}

/// Another descriptor of what `number` stands for, which whoever started this process has opened for it.
///
/// # Errors
/// Those of `fcntl(2)`: EBADF if it is not open.
pub fn duplicate_descriptor(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl with F_DUPFD_CLOEXEC takes any number, and gives a descriptor that nobody else owns, or -1.
    unsafe {
        let copy = Errno::result(libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 3))?;
        Ok(OwnedFd::from_raw_fd(copy))
    }
}

/// A socket that programs started from here do not inherit, and of which no write raises SIGPIPE with [`MSG_NOSIGNAL`].
pub(crate) fn socket(family: AddressFamily, kind: SockType) -> Result<OwnedFd, Errno> {
    #[cfg(target_os = "linux")]
    return socket::socket(family, kind, SockFlag::SOCK_CLOEXEC, None);
    #[cfg(not(target_os = "linux"))]
    {
        let socket = socket::socket(family, kind, SockFlag::empty(), None)?;
        nix::fcntl::fcntl(&socket, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC))?;
        #[cfg(target_vendor = "apple")]
        set_nosigpipe(&socket)?;
        Ok(socket)
    }
}

/// For `send(2)`: a peer that has gone is an error. Apple has an option of the socket instead, which [`socket`] and the
/// standard library set.
#[cfg(not(target_vendor = "apple"))]
pub(crate) const MSG_NOSIGNAL: MsgFlags = MsgFlags::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
pub(crate) const MSG_NOSIGNAL: MsgFlags = MsgFlags::empty();

#[cfg(target_vendor = "apple")]
fn set_nosigpipe(socket: &OwnedFd) -> Result<(), Errno> {
    let on: libc::c_int = 1;
    let length = libc::socklen_t::try_from(size_of_val(&on)).map_err(|_| Errno::EINVAL)?;
    // SAFETY: it reads `length` bytes of `on`, which lives until it returns, and keeps no pointer.
    let result = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_NOSIGPIPE, (&raw const on).cast(), length)
    };
    Errno::result(result).map(drop)
}

/// The system's own number of this thread, which other programs show too; CPython's `threading.get_native_id`.
pub(crate) fn native_thread_id() -> u64 {
    #[cfg(target_os = "linux")]
    return u64::try_from(nix::unistd::gettid().as_raw()).unwrap_or_default();
    #[cfg(target_vendor = "apple")]
    {
        let mut id = 0;
        // SAFETY: 0 stands for the calling thread; it writes one number, to an object that lives until it returns.
        unsafe {
            libc::pthread_threadid_np(0, &mut id);
        }
        id
    }
}

/// Whether this is the thread that the process began with.
pub(crate) fn is_main_thread() -> bool {
    #[cfg(target_os = "linux")]
    return native_thread_id() == u64::from(process::id());
    #[cfg(target_vendor = "apple")]
    // SAFETY: it takes nothing and gives a number.
    return unsafe { libc::pthread_main_np() } != 0;
}

/// `listen(2)`. The kernel alone limits the backlog: nix refuses one above the C library's `SOMAXCONN`, which musl has as 128.
pub(crate) fn listen(socket: &impl AsFd, backlog: i32) -> Result<(), Errno> {
    // SAFETY: it takes two numbers; the descriptor is open as long as it is borrowed.
    Errno::result(unsafe { libc::listen(socket.as_fd().as_raw_fd(), backlog) }).map(drop)
}

/// How many datagrams the kernel had no room for since a socket was made: `SK_MEMINFO_DROPS` of SO_MEMINFO, which counts what
/// SO_RXQ_OVFL tells with the next datagram, if there is one. `None` before Linux 4.12.
#[cfg(target_os = "linux")]
pub(crate) fn dropped_datagrams(socket: &impl AsFd) -> Option<u32> {
    let mut values: [u32; MEMINFO_VALUES] = [0; MEMINFO_VALUES];
    let mut length = libc::socklen_t::try_from(size_of_val(&values)).ok()?;
    let whole = length;
    // SAFETY: the pointers are to live objects; it writes at most `length` bytes of numbers to the first, and says how many to
    // the second. The descriptor is open as long as it is borrowed.
    let outcome = unsafe {
        let values = values.as_mut_ptr().cast();
        libc::getsockopt(socket.as_fd().as_raw_fd(), libc::SOL_SOCKET, libc::SO_MEMINFO, values, &mut length)
    };
    (outcome == 0 && length == whole).then_some(values.last().copied()?)
}

/// Other systems do not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn dropped_datagrams(_: &impl AsFd) -> Option<u32> {
    None
}

/// The user at the other end of a Unix socket.
pub(crate) fn peer_user(socket: &impl AsFd) -> Option<u32> {
    #[cfg(target_os = "linux")]
    return socket::getsockopt(socket, socket::sockopt::PeerCredentials).ok().map(|credentials| credentials.uid());
    #[cfg(not(target_os = "linux"))]
    nix::unistd::getpeereid(socket).ok().map(|(user, _)| user.as_raw())
}

/// `SK_MEMINFO_VARS` of `<linux/sock_diag.h>`, of which the drops are the last.
#[cfg(target_os = "linux")]
const MEMINFO_VALUES: usize = 9;

/// `flock(2)`: takes the exclusive lock on an open file, if nobody has it; it goes when the file is closed.
pub(crate) fn try_lock(file: &impl AsFd) -> Result<(), Errno> {
    // SAFETY: it takes two numbers; the descriptor is open as long as it is borrowed.
    Errno::result(unsafe { libc::flock(file.as_fd().as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) }).map(drop)
}

/// Gives the lock of [`try_lock`] back.
pub(crate) fn unlock(file: &impl AsFd) {
    // SAFETY: as for `try_lock`.
    unsafe {
        libc::flock(file.as_fd().as_raw_fd(), libc::LOCK_UN);
    }
}

/// Takes over `count` file descriptors from `first` on, which whoever started this process has opened for it, and lets
/// programs started from here not inherit them. `None` if one of them is not open, or if they were taken before.
pub(crate) fn take_inherited_fds(first: RawFd, count: RawFd) -> Option<Vec<OwnedFd>> {
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let fds = first..first.checked_add(count)?;
    let are_open = fds.clone().all(|fd| {
        // SAFETY: fcntl with F_SETFD takes any number, and refuses those that are not open.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) != -1 }
    });
    if !are_open || TAKEN.swap(true, Ordering::Relaxed) {
        return None;
    }
    // SAFETY: they are open, came from outside this process, and are taken only once: nobody else here owns them.
    Some(fds.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_down_and_prints_the_time() {
        let mut buffer = [0; 64];
        let time = BrokenDownTime::utc(1_700_000_000).unwrap();
        let length = time.strftime(c"%Y-%m-%d %H:%M:%S", &mut buffer);
        assert_eq!(&buffer[..length], b"2023-11-14 22:13:20");
        assert_eq!(time.strftime(c"%Y", &mut buffer[..4]), 0, "no room for the NUL");
        read_time_zone();
        assert!(BrokenDownTime::local(0).is_some());
    }

    #[test]
    fn descriptors_have_names() {
        for (path, number) in [
            ("/dev/stdout", Some(1)),
            ("/dev/stderr", Some(2)),
            ("/dev/fd/10", Some(10)),
            ("/proc/self/fd/3", Some(3)),
            ("/dev/fd/", None),
            ("/dev/fd/+1", None),
            ("/dev/fd/1/x", None),
            ("/dev/fd/99999999999", None),
            ("/dev/null", None),
            ("stdout", None),
        ] {
            assert_eq!(descriptor_named(Path::new(path)), number, "{path}");
        }
        assert_eq!(duplicate_descriptor(1_000_000).unwrap_err().raw_os_error(), Some(libc::EBADF));
        assert!(duplicate_descriptor(0).is_ok());
    }

    #[test]
    fn says_which_signals_are_ignored() {
        assert!(!is_signal_ignored(Signal::SIGUSR2));
        ignore_signal(Signal::SIGUSR2);
        assert!(is_signal_ignored(Signal::SIGUSR2));
    }

    #[test]
    fn refuses_years_beyond_an_int() {
        for seconds in [i64::MAX, i64::MIN, 1_000_000_000_000_000_000] {
            assert!(BrokenDownTime::local(seconds).is_none() && BrokenDownTime::utc(seconds).is_none());
        }
    }
}
