//! When things were used last, noted so seldom that using them costs no write.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const SELDOM: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub struct LastUse<K>(Mutex<HashMap<K, Instant>>);

impl<K> Default for LastUse<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> LastUse<K> {
    /// Whether its use is to be noted now. Whoever asks notes it.
    pub fn is_due(&self, key: K) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&key).is_some_and(|at| at.elapsed() < SELDOM) {
            return false;
        }
        noted.insert(key, Instant::now());
        true
    }

    /// Forgets what is due anyway, or the table would only ever grow.
    pub fn tidy(&self) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, at| at.elapsed() < SELDOM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_for_each_thing_and_not_again_soon() {
        let uses = LastUse::default();
        assert!(uses.is_due(1) && uses.is_due(2));
        assert!(!uses.is_due(1));
        uses.tidy();
        assert!(!uses.is_due(2));
    }
}
