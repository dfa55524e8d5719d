//! `--config`: the file, read, checked and opened; and anew on SIGHUP.
//!
//! In: the name of the file. Out: a [`Tree`] of loggers. Refused: a file that is wrong, with every mistake; and, as root, one that
//! others may write, since it names files to be written.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackdaws::base::limits::MAX_CONFIG_BYTES;
use jackdaws::base::lock::Lock;
use jackdaws::format::escape::Escape;
use jackdaws::policy::config::{Config, Places};
use jackdaws::policy::{Policy, Tree};
use jackdaws::write::Place;
use log::{error, info, warn};

use crate::program::outputs::Outputs;

/// The file, and what is open by it.
#[derive(Clone)]
pub struct ConfigFile {
    path: PathBuf,
    utc: bool,
    escape: Escape,
    places: Arc<Lock<Places>>,
}

/// Reads and checks the file.
///
/// # Errors
/// Every mistake, a line each.
pub fn read(path: &Path) -> Result<Config, Vec<String>> {
    let name = path.display();
    let cannot = |error| vec![format!("--config: cannot read {name}: {error}")];
    let file = File::open(path).map_err(cannot)?;
    let found = file.metadata().map_err(cannot)?;
    if nix::unistd::geteuid().is_root() && found.is_file() && (found.mode() & 0o022 != 0 || found.uid() != 0) {
        let owner = found.uid();
        let mode = found.mode() & 0o7777;
        return Err(vec![format!(
            "--config: root takes no file that others may write: {name} (user {owner}, mode {mode:o})"
        )]);
    }
    let mut text = Vec::new();
    // One more than it may have, so that what is too long is seen to be.
    let most = u64::try_from(MAX_CONFIG_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut text).map_err(cannot)?;
    Config::parse(&text).map_err(|errors| in_file(path, errors))
}

fn in_file(path: &Path, mut errors: Vec<String>) -> Vec<String> {
    errors.iter_mut().for_each(|error| *error = format!("{}: {error}", path.display()));
    errors
}

impl ConfigFile {
    /// Nothing is open yet.
    pub fn new(path: &Path, utc: bool, escape: Escape) -> ConfigFile {
        ConfigFile { path: path.to_owned(), utc, escape, places: Arc::default() }
    }

    /// A line for each warning and each handler.
    ///
    /// # Errors
    /// What could not be opened, a line each.
    pub fn describe(&self, config: &Config) -> Result<String, Vec<String>> {
        let handlers = config.describe().map_err(|errors| in_file(&self.path, errors))?;
        let warnings = config.warnings().iter();
        Ok(warnings.fold(String::new(), |text, warning| text + "warning: " + warning + "\n") + &handlers)
    }

    /// Says what is ignored, and opens what the file names.
    ///
    /// # Errors
    /// Everything that cannot be opened, a line each; then nothing has changed.
    pub fn open(&self, config: &Config, outputs: &Outputs) -> Result<Tree, Vec<String>> {
        let name = self.path.display();
        for warning in config.warnings() {
            warn!("{name}: {warning}");
        }
        let mut places = self.places.lock();
        let mut start = |place: Place| outputs.start(place.into());
        let tree = config.open(&mut places, self.utc, self.escape, outputs.queue_bytes, &mut start);
        outputs.share_room();
        tree.map_err(|errors| in_file(&self.path, errors))
    }

    /// Reads the file anew. If it is wrong, that is said, and the policy stays as it is.
    pub fn reload(&self, policy: &Policy, outputs: &Outputs) {
        outputs.reopen();
        match read(&self.path).and_then(|config| self.open(&config, outputs)) {
            Ok(tree) => {
                policy.replace(tree);
                info!("Read {} anew", self.path.display());
            }
            Err(errors) => {
                errors.iter().for_each(|line| error!("{line}"));
                error!("going on by what {} said before", self.path.display());
            }
        }
    }
}
