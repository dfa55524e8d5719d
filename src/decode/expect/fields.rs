//! Where in the arena the value of each field of a record stands.

use super::field::Field;

/// The fields of a record: where in the arena each one's value stands.
#[derive(Debug)]
pub(crate) struct Fields([u32; Field::COUNT]);

impl Fields {
    /// A record without fields.
    pub const NONE: Fields = Fields([u32::MAX; Field::COUNT]);

    /// The place of a field's value; beyond the arena for one that there is not.
    #[inline(always)]
    pub fn get(&self, field: Field) -> u32 {
        self.0.get(field.index()).copied().unwrap_or(u32::MAX)
    }

    /// Sets the place of a field's value.
    pub fn set(&mut self, field: Option<Field>, place: u32) {
        if let Some(slot) = field.and_then(|field| self.0.get_mut(field.index())) {
            *slot = place;
        }
    }
}

impl Default for Fields {
    fn default() -> Fields {
        Fields::NONE
    }
}
