//! How long what was learned of earlier records may fail before it is learned anew.

/// For how many more records what was learned may fail before it is learned anew: twice as many each time, until it holds.
#[derive(Debug)]
pub(super) struct Patience {
    left: u8,
    next: u8,
}

impl Patience {
    pub const NONE: Patience = Patience::for_records(0);

    pub const fn for_records(count: u8) -> Patience {
        Patience { left: count, next: count }
    }

    /// Counts one more failure; true if that was one too many. From then on, `least` at least are borne.
    pub fn is_over(&mut self, least: u8) -> bool {
        if self.left > 0 {
            self.left = self.left.saturating_sub(1);
            return false;
        }
        *self = Patience::for_records(self.next.saturating_mul(2).max(least));
        true
    }
}
