//! What may be chosen about a receiver.

use std::time::Duration;

use crate::base::limits::{DRAIN_TIMEOUT, FRAME_TIMEOUT, MAX_MEMORY_BYTES};
use crate::receive::network::Network;
use crate::receive::shares::Shares;
use crate::record::Defaults;

use super::capacity;

/// What may be chosen about a receiver. Start from the default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Longest accepted record, in bytes.
    pub max_frame: usize,
    /// Connections served at once.
    pub max_connections: usize,
    /// How long a connection may be silent before its first record, or inside one.
    pub frame_timeout: Duration,
    /// How long to go on reading when asked to stop.
    pub drain_timeout: Duration,
    /// Bytes that all connections together may make the receiver hold; at least [`Shares::least`].
    pub max_memory: usize,
    /// Who may send; empty for everyone.
    pub allow: Vec<Network>,
    /// Permissions of the files of Unix sockets; by default what the process's umask leaves. While they are made, the umask
    /// of the whole process is another one.
    pub socket_mode: Option<u32>,
    /// What records have that were sent without.
    pub defaults: Defaults,
}

impl Default for Options {
    fn default() -> Options {
        let max_memory = capacity::memory(MAX_MEMORY_BYTES);
        let (max_connections, max_frame) = Shares::limits(max_memory);
        Options {
            max_frame,
            max_connections,
            frame_timeout: FRAME_TIMEOUT,
            drain_timeout: DRAIN_TIMEOUT,
            max_memory,
            allow: Vec::new(),
            socket_mode: None,
            defaults: Defaults::of_this_process(),
        }
    }
}
