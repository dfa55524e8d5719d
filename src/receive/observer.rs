//! What a program does beside receiving: [`Observer`], told by the loop of `serve_until_stopped` how things stand.

use std::fmt;
use std::io;

/// Told of the course of a receiver, in the thread that serves. What takes long delays whoever connects.
pub trait Observer: Send {
    /// Everything is set up: whoever connects is served from here on. An error stops the receiver, which then returns it.
    ///
    /// # Errors
    /// What the program cannot do without has failed.
    fn started(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Another turn of the loop: at least one a second.
    fn turned(&mut self) {}

    /// Somebody asked to stop: what had been sent is still read.
    fn stopping(&mut self) {}
}

impl fmt::Debug for dyn Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
