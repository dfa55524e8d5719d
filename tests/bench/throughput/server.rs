//! The servers that are compared, each a process of its own that writes to a file of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::pythons::{self, Python};

/// What can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The document's receiver, on the newest Python found.
    Document,
    /// Reads and throws away, and writes a line of so many bytes for each record.
    Floor(usize),
    /// This program.
    Jackdaws(Way),
    /// A syslog server, fed equivalent lines.
    Rsyslog,
}

/// What this program does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A line as the document's format has it.
    Text,
    /// `--json`
    Json,
    /// `--config`, with so many handlers that write the same line to files.
    Config(usize),
    /// `-o syslog:ADDRESS`, over TCP to whoever reads there.
    Syslog(SocketAddr),
}

impl Kind {
    /// Whether it is installed; whoever is not is named.
    pub fn is_there(self) -> bool {
        let there = match self {
            Kind::Document => pythons::newest().is_some(),
            Kind::Floor(_) | Kind::Jackdaws(_) => true,
            Kind::Rsyslog => rsyslogd().is_some(),
        };
        if !there {
            println!("SKIPPED: {} is not installed", self.name());
        }
        there
    }

    pub fn name(self) -> String {
        match (self, pythons::newest()) {
            (Kind::Document, Some(Python { version: (major, minor), .. })) => {
                format!("the document's receiver, CPython {major}.{minor}")
            }
            (Kind::Document, None) => "the document's receiver".into(),
            (Kind::Floor(bytes), _) => format!("floor: read, write {bytes} bytes"),
            (Kind::Jackdaws(Way::Text), _) => "jackdaws".into(),
            (Kind::Jackdaws(Way::Json), _) => "jackdaws --json".into(),
            (Kind::Jackdaws(Way::Config(handlers)), _) => format!("jackdaws --config, {handlers} handler(s)"),
            (Kind::Jackdaws(Way::Syslog(_)), _) => "jackdaws -o syslog:, TCP".into(),
            (Kind::Rsyslog, _) => "rsyslogd, plain lines".into(),
        }
    }
}

/// A server that runs; dropped, it is stopped.
pub struct Server {
    child: Child,
    pub port: u16,
    folder: TempDir,
}

impl Server {
    /// Starts one that writes to a file.
    pub fn start(kind: Kind) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let (port_file, output) = (folder.path().join("port"), folder.path().join("output"));
        if kind == Kind::Rsyslog {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let child = spawn_rsyslogd(folder.path(), port);
            wait_for(|| TcpStream::connect(("127.0.0.1", port)).ok());
            return Server { child, port, folder };
        }
        let mut command = match kind {
            Kind::Floor(bytes) => floor(bytes, &port_file, &output),
            Kind::Jackdaws(way) => jackdaws(way, &port_file, &output),
            Kind::Document | Kind::Rsyslog => document(&port_file),
        };
        let stdout = if kind == Kind::Document { File::create(&output).unwrap().into() } else { Stdio::null() };
        let child = command.stdout(stdout).spawn().unwrap();
        let port = wait_for_port(&port_file);
        Server { child, port, folder }
    }

    /// Starts one that writes to a pipe.
    pub fn start_piped(kind: Kind) -> (Server, BufReader<ChildStdout>) {
        let folder = tempfile::tempdir().unwrap();
        let port_file = folder.path().join("port");
        let mut command = match kind {
            Kind::Jackdaws(way) => jackdaws(way, &port_file, Path::new("-")),
            Kind::Floor(bytes) => floor(bytes, &port_file, Path::new("/dev/stdout")),
            Kind::Document | Kind::Rsyslog => document(&port_file),
        };
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let pipe = BufReader::new(child.stdout.take().unwrap());
        let port = wait_for_port(&port_file);
        (Server { child, port, folder }, pipe)
    }

    /// User and system time so far, of threads that have ended too, in seconds: clock_getcpuclockid(3), which counts no ticks.
    pub fn cpu_seconds(&self) -> f64 {
        let process = Pid::from_raw(self.child.id().try_into().unwrap());
        let clock = clock_getcpuclockid(process).unwrap();
        Duration::from(clock.now().unwrap()).as_secs_f64()
    }

    /// A line of /proc/PID/status that counts kB: `VmHWM` is the peak of the memory held, `VmRSS` what is held now.
    pub fn status_kb(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Waits for as many lines, or until nothing more is written; how many there are.
    pub fn wait_for_lines(&self, expected: usize) -> usize {
        let output = self.folder.path().join("output");
        let mut file = BufReader::with_capacity(1 << 20, File::open(output).unwrap());
        let mut lines = 0;
        let mut last_seen = Instant::now();
        while lines < expected && last_seen.elapsed() < Duration::from_secs(10) {
            let chunk = file.fill_buf().unwrap();
            let length = chunk.len();
            lines += chunk.iter().filter(|&&byte| byte == b'\n').count();
            file.consume(length);
            if length == 0 {
                thread::sleep(Duration::from_millis(5));
            } else {
                last_seen = Instant::now();
            }
        }
        lines
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap());
        // One that is gone already is what is wanted.
        let _ = kill(pid, Signal::SIGTERM);
        self.child.wait().unwrap();
    }
}

fn jackdaws(way: Way, port_file: &Path, output: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jackdaws"));
    command.args(["--quiet", "--max-connections", "20000", "--listen", "127.0.0.1:0", "--port-file"]).arg(port_file);
    match way {
        Way::Text => command.arg("--output").arg(output),
        Way::Json => command.args(["--json", "--output"]).arg(output),
        Way::Config(handlers) => {
            let config = output.with_extension("json");
            fs::write(&config, config_of(handlers, output)).unwrap();
            command.arg("--config").arg(config)
        }
        Way::Syslog(far_end) => command.arg("--output").arg(format!("syslog:tcp:{far_end}")),
    };
    command
}

/// A policy whose first handler writes to `output`, the others to files beside it.
fn config_of(handlers: usize, output: &Path) -> String {
    let names: Vec<String> = (0..handlers).map(|number| format!("h{number}")).collect();
    let file = |number: usize| if number == 0 { output.to_owned() } else { output.with_extension(number.to_string()) };
    let handler = |number: usize| serde_json::json!({"class": "logging.FileHandler", "formatter": "f", "filename": file(number).to_str().unwrap()});
    let handlers: serde_json::Map<String, serde_json::Value> =
        names.iter().enumerate().map(|(number, name)| (name.clone(), handler(number))).collect();
    serde_json::json!({
        "version": 1, "formatters": {"f": {"format": super::FORMAT}}, "handlers": handlers, "root": {"handlers": names},
    })
    .to_string()
}

fn document(port_file: &Path) -> Command {
    let python = pythons::newest().unwrap();
    let mut command = python.script("receiver_cpython.py");
    command.args(["--host", "127.0.0.1", "--port", "0", "--port-file"]).arg(port_file);
    command
}

fn floor(line_bytes: usize, port_file: &Path, output: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("floor").arg(line_bytes.to_string()).arg(port_file).arg(output);
    command
}

fn spawn_rsyslogd(folder: &Path, port: u16) -> Child {
    let [configuration, output, pid] = ["configuration", "output", "pid"].map(|name| folder.join(name));
    let text = format!(
        r#"global(workDirectory="{folder}" maxMessageSize="64k")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="{port}")
template(name="message" type="string" string="%msg:2:$%\n")
action(type="omfile" file="{output}" template="message")
"#,
        folder = folder.display(),
        output = output.display(),
    );
    fs::write(&configuration, text).unwrap();
    File::create(&output).unwrap();
    let mut command = Command::new(rsyslogd().unwrap());
    command.args(["-n", "-C", "-f"]).arg(configuration).arg("-i").arg(pid);
    command.spawn().unwrap()
}

fn rsyslogd() -> Option<PathBuf> {
    ["/usr/sbin/rsyslogd", "/sbin/rsyslogd"].map(PathBuf::from).into_iter().find(|path| path.exists())
}

fn wait_for_port(port_file: &Path) -> u16 {
    wait_for(|| fs::read_to_string(port_file).ok()?.trim().parse().ok())
}

fn wait_for<T>(attempt: impl Fn() -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(Instant::now() < patience, "a server did not start");
        thread::sleep(Duration::from_millis(5));
    }
}
