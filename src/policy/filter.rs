//! Filters of loggers and handlers.

use crate::record::{Field, LogRecord};

/// Whether all filters let the record pass.
#[inline(always)]
pub(super) fn pass(filters: &[Filter], record: &LogRecord<'_>) -> bool {
    filters.is_empty() || all_pass(filters, record)
}

#[inline(never)]
fn all_pass(filters: &[Filter], record: &LogRecord<'_>) -> bool {
    let name = record.field(Field::Name).as_text().unwrap_or_default();
    filters.iter().all(|filter| filter.passes(name.as_bytes()))
}

/// Python's `logging.Filter`: lets pass what a logger, or one below it, has logged. The empty name lets everything pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(Vec<String>);

impl Filter {
    /// A filter for the logger of this name.
    pub fn new(name: &str) -> Filter {
        Filter(vec![name.to_owned()])
    }

    /// A filter that lets pass what any of these would.
    pub fn any(names: Vec<String>) -> Filter {
        Filter(names)
    }

    fn passes(&self, name: &[u8]) -> bool {
        self.0.iter().any(|above| {
            let below = name.strip_prefix(above.as_bytes());
            above.is_empty() || below.is_some_and(|rest| matches!(rest, [] | [b'.', ..]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_passes_its_logger_and_those_below() {
        for (filter, name, passes) in [
            ("shop", "shop", true),
            ("shop", "shop.till", true),
            ("shop", "shopping", false),
            ("shop", "sho", false),
            ("", "anything", true),
            ("", "", true),
        ] {
            assert_eq!(Filter::new(filter).passes(name.as_bytes()), passes, "{filter} {name}");
            let any = Filter::any(vec!["other".to_owned(), filter.to_owned()]);
            assert_eq!(any.passes(name.as_bytes()), passes, "{filter} {name}");
        }
    }
}
