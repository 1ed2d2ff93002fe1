//! Native records, which OTP 29 has brought.

use std::mem;

use super::{Atom, Term, nest};

/// A native record of OTP 29: `#module:name{field = Value, …}`. (The records of older OTPs are tuples.)
///
/// An OTP 29 sends them to every peer, also to one that has not asked for them.
#[non_exhaustive]
pub struct Record {
    /// Flags that have to be sent back as they came.
    pub flags: u8,
    /// The module that defines it.
    pub module: Atom,
    /// Its name.
    pub name: Atom,
    fields: Box<[Atom]>,
    values: Box<[Term]>,
}

impl Record {
    /// Makes a record of its fields.
    #[must_use]
    pub fn new(module: Atom, name: Atom, fields: impl IntoIterator<Item = (Atom, Term)>) -> Self {
        let (fields, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        Self {
            flags: 0,
            module,
            name,
            fields: fields.into(),
            values: values.into(),
        }
    }

    /// The fields' names and values.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&Atom, &Term)> {
        self.fields.iter().zip(&self.values)
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Term> {
        self.fields()
            .find_map(|(name, value)| (name == field).then_some(value))
    }

    pub(crate) fn names(&self) -> &[Atom] {
        &self.fields
    }

    pub(crate) fn values(&self) -> &[Term] {
        &self.values
    }

    /// The same, with all but the values.
    pub(crate) fn head(&self) -> Self {
        Self {
            flags: self.flags,
            module: self.module.clone(),
            name: self.name.clone(),
            fields: self.fields.clone(),
            values: Box::default(),
        }
    }

    /// A record whose values follow.
    pub(crate) fn with_names(flags: u8, module: Atom, name: Atom, fields: Vec<Atom>) -> Self {
        Self {
            flags,
            module,
            name,
            fields: fields.into(),
            values: Box::default(),
        }
    }

    pub(crate) fn fill(&mut self, values: Vec<Term>) {
        self.values = values.into();
    }

    pub(crate) fn take(&mut self) -> Vec<Term> {
        mem::take(&mut self.values).into_vec()
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        nest::release(&mut self.values);
    }
}
