//! Maps.

use std::mem;

use super::{Term, nest};

/// A map. Its entries are in the order of their keys, which is that of [`Ord`] for [`Term`].
///
/// It is made in one step of its entries (`collect`), and then looked up; to change it, take the entries out and make
/// another.
///
/// # Examples
///
/// ```
/// use otp_etf::{Map, Term, term};
///
/// let map: Map = [(term!(name), term!("egg")), (term!(qty), term!(12))].into_iter().collect();
/// assert_eq!(map.get(&term!(qty)), Some(&Term::Integer(12)));
/// assert_eq!(map.get_atom("name"), Some(&term!("egg")));
/// assert_eq!(Term::Map(map).to_string(), r##"#{name => <<"egg">>,qty => 12}"##);
/// ```
#[derive(Default)]
pub struct Map(
    /// Keys and values by turns.
    Box<[Term]>,
);

impl Map {
    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() / 2
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key. The key is compared as `=:=` does it: 1 is not 1.0.
    #[must_use]
    pub fn get(&self, key: &Term) -> Option<&Term> {
        let found = self.pairs().binary_search_by(|[other, _]| other.cmp(key));
        found.ok().map(|at| &self.pairs()[at][1])
    }

    /// The value of a key that is an atom.
    #[must_use]
    pub fn get_atom(&self, key: &str) -> Option<&Term> {
        let mut pairs = self.pairs().iter();
        pairs.find_map(|[other, value]| (other.as_atom()? == key).then_some(value))
    }

    /// The entries, in the order of their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Term, &Term)> {
        self.pairs().iter().map(|[key, value]| (key, value))
    }

    /// The entries as they are, in the order of their keys.
    #[must_use]
    pub fn pairs(&self) -> &[[Term; 2]] {
        self.0.as_chunks().0
    }

    /// The entries, in the order of their keys.
    #[must_use]
    pub fn into_entries(mut self) -> Vec<(Term, Term)> {
        let mut terms = mem::take(&mut self.0).into_vec().into_iter();
        let mut entries = Vec::with_capacity(terms.len() / 2);
        while let (Some(key), Some(value)) = (terms.next(), terms.next()) {
            entries.push((key, value));
        }
        entries
    }

    /// Keys and values by turns.
    pub(crate) fn all(&self) -> &[Term] {
        &self.0
    }

    /// Of keys and values by turns. Gives nothing if a key comes twice.
    pub(crate) fn of_all(mut terms: Vec<Term>) -> Option<Self> {
        let (pairs, _) = terms.as_chunks_mut::<2>();
        // A BEAM sends small maps in order, if it does not sort atoms by their places in its table.
        if !pairs.is_sorted_by(|[left, _], [right, _]| left < right) {
            pairs.sort_unstable_by(|[left, _], [right, _]| left.cmp(right));
            if pairs.windows(2).any(|two| two[0][0] == two[1][0]) {
                return None;
            }
        }
        Some(Self(terms.into()))
    }

    pub(crate) fn take(&mut self) -> Vec<Term> {
        mem::take(&mut self.0).into_vec()
    }
}

/// Of entries in any order. If a key comes more than once, its last value stays.
impl FromIterator<(Term, Term)> for Map {
    fn from_iter<I: IntoIterator<Item = (Term, Term)>>(entries: I) -> Self {
        let mut entries: Vec<(Term, Term)> = entries.into_iter().collect();
        // Stable, and then from the back: the last of equal keys comes first.
        entries.reverse();
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        entries.dedup_by(|(later, _), (kept, _)| later == kept);
        Self(
            entries
                .into_iter()
                .flat_map(|(key, value)| [key, value])
                .collect(),
        )
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        nest::release(&mut self.0);
    }
}
