//! The built program as a child: started on free ports, spoken to, stopped, and read to its end.
//!
//! In: arguments and environment. Out: addresses to connect to, what it prints, its exit status. Every wait has an end
//! ([`PATIENCE`]), and no child outlives its test.

use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{self, AddressFamily, SockFlag, SockType, SockaddrIn, sockopt};
use nix::unistd::Pid;
use tempfile::TempDir;

/// How the program is started: on a free port of 127.0.0.1, in a directory of its own, unless said otherwise.
pub struct Launch {
    arguments: Vec<String>,
    listen: Vec<String>,
    environment: Vec<(String, String)>,
    directory: Option<PathBuf>,
    wrapper: Vec<String>,
    stdin: Stdio,
    stdout: Stdio,
    stderr: Stdio,
}

/// A running program.
pub struct Program {
    child: Child,
    directory: PathBuf,
    _own_directory: Option<TempDir>,
    stdout: Gathered,
    stderr: Gathered,
    entries: Vec<String>,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed that was not yet taken.
    pub stdout: Vec<u8>,
    /// Its diagnostics.
    pub stderr: String,
}

impl Finished {
    /// What it printed that was not yet taken.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Its last diagnostic.
    pub fn totals(&self) -> &str {
        self.stderr.lines().last().unwrap_or_default()
    }

    /// Fails unless it ended with this status.
    pub fn expect_status(&self, status: i32) {
        assert_eq!(self.status.code(), Some(status), "{:?}: {}", self.status, self.stderr);
    }
}

impl Launch {
    /// The program with these arguments.
    pub fn new(arguments: &[&str]) -> Launch {
        Launch {
            arguments: owned(arguments),
            listen: owned(&["127.0.0.1:0"]),
            environment: Vec::new(),
            directory: None,
            wrapper: Vec::new(),
            stdin: Stdio::null(),
            stdout: Stdio::piped(),
            stderr: Stdio::piped(),
        }
    }

    /// Listening here instead.
    pub fn listening_on(self, addresses: &[&str]) -> Launch {
        Launch { listen: owned(addresses), ..self }
    }

    /// In a directory that the test keeps.
    pub fn in_directory(self, directory: &Path) -> Launch {
        Launch { directory: Some(directory.to_owned()), ..self }
    }

    /// With this variable in its environment.
    pub fn with(mut self, variable: &str, value: &str) -> Launch {
        self.environment.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// With this as standard output.
    pub fn printing_to(self, stdout: impl Into<Stdio>) -> Launch {
        Launch { stdout: stdout.into(), ..self }
    }

    /// With this as standard input.
    pub fn reading(self, stdin: impl Into<Stdio>) -> Launch {
        Launch { stdin: stdin.into(), ..self }
    }

    /// With this as standard error.
    pub fn complaining_to(self, stderr: impl Into<Stdio>) -> Launch {
        Launch { stderr: stderr.into(), ..self }
    }

    /// After shell commands in the same process, `ulimit` say.
    pub fn after(self, commands: &str) -> Launch {
        let script = format!("{commands} && exec \"$0\" \"$@\"");
        self.under(&["sh", "-c", &script])
    }

    /// By another program, which is given ours and its arguments, and becomes it.
    pub fn under(self, wrapper: &[&str]) -> Launch {
        Launch { wrapper: owned(wrapper), ..self }
    }

    /// Starts it, and waits until it listens.
    pub fn start(self) -> Program {
        let mut program = self.start_without_waiting();
        program.entries = program.wait_for_port_file();
        program
    }

    /// Starts it.
    pub fn start_without_waiting(self) -> Program {
        let wrapper = self.wrapper.iter().map(String::as_str);
        let words: Vec<&str> = interruptible().iter().copied().chain(wrapper).chain([EXECUTABLE]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["--port-file", "port"]);
        for address in &self.listen {
            command.args(["--listen", address]);
        }
        command.args(&self.arguments);
        let own_directory = self.directory.is_none().then(|| tempfile::tempdir().unwrap());
        let directory = own_directory.as_ref().map(|directory| directory.path().to_owned());
        let directory = directory.or(self.directory).unwrap();
        let _ = std::fs::remove_file(directory.join("port"));
        let environment = self.environment.iter().map(|(variable, value)| (variable.as_str(), value.as_str()));
        let mut child = spawn(&mut command, environment, &directory, [self.stdin, self.stdout, self.stderr]);
        let stdout = child.stdout.take().map_or_else(|| Gathered::from(io::empty()), Gathered::from);
        let stderr = child.stderr.take().map_or_else(|| Gathered::from(io::empty()), Gathered::from);
        Program { child, directory, _own_directory: own_directory, stdout, stderr, entries: Vec::new() }
    }
}

impl Program {
    /// Starts the program on a free port of 127.0.0.1, and waits until it listens.
    pub fn start(arguments: &[&str]) -> Program {
        Launch::new(arguments).start()
    }

    /// The same in another time zone.
    pub fn start_in_zone(arguments: &[&str], zone: &str) -> Program {
        Launch::new(arguments).with("TZ", zone).start()
    }

    /// The same with at most so many KiB of address space.
    pub fn start_within(kibibytes: u32, arguments: &[&str]) -> Program {
        Launch::new(arguments).after(&format!("ulimit -v {kibibytes}")).start()
    }

    /// The lines of its port file.
    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.entries[0].parse().unwrap()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its working directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends all this on a connection of its own, and waits until the program has read it and closed. A program that closes
    /// before is no failure here: it may refuse what it is sent.
    pub fn send(&self, bytes: &[u8]) {
        let mut stream = self.connect();
        let sent = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
        let closed = sent.and_then(|()| stream.read_to_end(&mut Vec::new()));
        if let Err(error) = closed {
            let refused = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset, ErrorKind::NotConnected];
            assert!(refused.contains(&error.kind()), "{error}: {}", self.stderr.text());
        }
    }

    /// Waits until it has printed `needle`, and takes what it has printed up to there.
    pub fn take_output_through(&self, needle: &[u8]) -> Vec<u8> {
        match self.stdout.take_through(needle) {
            Some(taken) => taken,
            None => panic!("never printed {:?}; diagnostics: {}", String::from_utf8_lossy(needle), self.stderr.text()),
        }
    }

    /// Waits until it has said `needle`, and takes its diagnostics up to there.
    pub fn take_diagnostics_through(&self, needle: &str) -> String {
        match self.stderr.take_through(needle.as_bytes()) {
            Some(taken) => String::from_utf8(taken).unwrap(),
            None => panic!("never said {needle:?}, but {}", self.stderr.text()),
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.id()).unwrap()), signal).unwrap();
    }

    /// Stops it by SIGTERM, and waits for its end.
    pub fn stop(self) -> Finished {
        self.signal(Signal::SIGTERM);
        self.wait()
    }

    /// True until it has ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Finished {
        let status = ended(&mut self.child);
        Finished {
            status,
            stdout: self.stdout.rest(),
            stderr: String::from_utf8_lossy(&self.stderr.rest()).into_owned(),
        }
    }

    fn wait_for_port_file(&mut self) -> Vec<String> {
        let file = self.directory().join("port");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(text) = std::fs::read_to_string(&file) {
                return text.lines().map(str::to_owned).collect();
            }
            assert!(self.is_running(), "it ended: {}", self.stderr.text());
            assert!(Instant::now() < deadline, "it does not listen: {}", self.stderr.text());
            thread::sleep(BETWEEN_LOOKS);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A child of another kind, which does not outlive its test.
pub struct Guarded(pub Child);

impl Guarded {
    /// Waits for its end.
    pub fn wait(mut self) -> ExitStatus {
        ended(&mut self.0)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the program with arguments that make it end by itself.
pub fn run(arguments: &[&str]) -> Finished {
    let directory = tempfile::tempdir().unwrap();
    let streams = [Stdio::null(), Stdio::piped(), Stdio::piped()];
    let mut child = spawn(Command::new(EXECUTABLE).args(arguments), [], directory.path(), streams);
    let mut stdout = Gathered::from(child.stdout.take().unwrap());
    let mut stderr = Gathered::from(child.stderr.take().unwrap());
    let status = ended(&mut child);
    Finished { status, stdout: stdout.rest(), stderr: String::from_utf8_lossy(&stderr.rest()).into_owned() }
}

/// Waits until something is so that another process makes so.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(BETWEEN_LOOKS);
    }
}

/// A port of 127.0.0.1 that a test may listen at, or not, or again: as long as this lives, the system gives it to nobody who asks for
/// any port, and refuses who connects while nobody listens.
pub struct ReservedPort {
    _bound: OwnedFd,
    number: u16,
}

impl ReservedPort {
    pub fn new() -> ReservedPort {
        let bound = socket::socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
        // Whoever names the port may then have it as well: the standard library asks for the same.
        socket::setsockopt(&bound, sockopt::ReuseAddr, &true).unwrap();
        socket::bind(bound.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, 0)).unwrap();
        let number = socket::getsockname::<SockaddrIn>(bound.as_raw_fd()).unwrap().port();
        ReservedPort { _bound: bound, number }
    }

    pub fn number(&self) -> u16 {
        self.number
    }

    pub fn listen(&self) -> TcpListener {
        TcpListener::bind((Ipv4Addr::LOCALHOST, self.number)).unwrap()
    }
}

/// The number that stands before the first of these words.
pub fn number_before(text: &str, what: &str) -> Option<usize> {
    text.split_once(what)?.0.rsplit([' ', '\n']).next()?.parse().ok()
}

/// What lets Ctrl-C end a program where the tests are run by a shell that ignores it for them: `cargo test &` in a script.
fn interruptible() -> &'static [&'static str] {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t"));
    let ignored = ignored.map_or(0, |bits| u64::from_str_radix(bits, 16).unwrap());
    if ignored >> (Signal::SIGINT as u32 - 1) & 1 == 1 { &["env", "--default-signal=INT"] } else { &[] }
}

/// Whether programs can be run under this one.
pub fn works(under: &[&str]) -> bool {
    let works = Command::new(under[0]).args(&under[1..]).arg("true").stderr(Stdio::null()).status();
    works.is_ok_and(|status| status.success())
}

/// Set in processes that run one test, alone.
pub const ALONE: &str = "JACKDAWS_TEST_ALONE";

/// Runs a test in a process of its own, under another program perhaps: for what is counted or limited by process.
pub fn in_own_process(under: &[&str], name: &str, test: impl FnOnce()) {
    if env::var_os(ALONE).is_some() {
        return test();
    }
    let output = spawn_alone(under, name, &[]).wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

/// Starts a process that runs one test.
pub fn spawn_alone(under: &[&str], name: &str, environment: &[(&str, &str)]) -> Child {
    let this = env::current_exe().unwrap();
    let command = [under, &[this.to_str().unwrap()]].concat();
    Command::new(command[0])
        .args(&command[1..])
        .args(["--exact", name, "--nocapture"])
        .env(ALONE, "1")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Says that a test cannot run here. Not by a macro, which the test harness would capture.
pub fn say_skipped(reason: &str) {
    let _ = writeln!(io::stderr(), "SKIPPED: {reason}");
}

fn spawn<'a>(
    command: &mut Command,
    environment: impl IntoIterator<Item = (&'a str, &'a str)>,
    directory: &Path,
    [stdin, stdout, stderr]: [Stdio; 3],
) -> Child {
    command
        .current_dir(directory)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env_remove("NO_COLOR")
        .env_remove("NOTIFY_SOCKET")
        .envs(environment)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr);
    command.spawn().unwrap()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Its status; where it does not end in time, it is killed and the test fails.
fn ended(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(!status.core_dumped(), "it dumped core");
            return status;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("it did not end");
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

/// What a pipe brought, gathered by a thread of its own.
struct Gathered {
    shared: Arc<(Mutex<Pipe>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Pipe {
    bytes: Vec<u8>,
    closed: bool,
}

impl Gathered {
    fn from(source: impl Read + Send + 'static) -> Gathered {
        let shared = Arc::new((Mutex::new(Pipe::default()), Condvar::new()));
        let theirs = Arc::clone(&shared);
        let reader = thread::spawn(move || gather(source, &theirs));
        Gathered { shared, reader: Some(reader) }
    }

    fn take_through(&self, needle: &[u8]) -> Option<Vec<u8>> {
        let (lock, arrived) = &*self.shared;
        let deadline = Instant::now() + PATIENCE;
        let mut pipe = lock.lock().unwrap();
        let mut searched = 0;
        loop {
            if let Some(at) = find(&pipe.bytes[searched..], needle) {
                let rest = pipe.bytes.split_off(searched + at + needle.len());
                return Some(std::mem::replace(&mut pipe.bytes, rest));
            }
            searched = (pipe.bytes.len() + 1).saturating_sub(needle.len());
            let left = deadline.saturating_duration_since(Instant::now());
            if pipe.closed || left.is_zero() {
                return None;
            }
            pipe = arrived.wait_timeout(pipe, left).unwrap().0;
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shared.0.lock().unwrap().bytes).into_owned()
    }

    /// All that is left, once the writer has closed.
    fn rest(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        std::mem::take(&mut self.shared.0.lock().unwrap().bytes)
    }
}

fn gather(mut source: impl Read, shared: &(Mutex<Pipe>, Condvar)) {
    let (lock, arrived) = shared;
    let mut chunk = vec![0; 1 << 16];
    while let Ok(length @ 1..) = source.read(&mut chunk) {
        lock.lock().unwrap().bytes.extend_from_slice(&chunk[..length]);
        arrived.notify_all();
    }
    lock.lock().unwrap().closed = true;
    arrived.notify_all();
}

/// Where `needle` begins in `haystack`.
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let (&first, _) = needle.split_first()?;
    let mut from = 0;
    while let Some(at) = haystack[from..].iter().position(|&byte| byte == first) {
        if haystack[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The program.
pub const EXECUTABLE: &str = env!("CARGO_BIN_EXE_jackdaws");

/// Longer than anything takes that works.
pub const PATIENCE: Duration = Duration::from_secs(120);

const BETWEEN_LOOKS: Duration = Duration::from_millis(1);
