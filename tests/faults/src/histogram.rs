//! Latencies in buckets that are at most 1.6 % wide, so that half an hour of samples takes no memory to speak of.

use std::time::Duration;

/// Each power of two is divided into so many buckets.
const PARTS: u64 = 64;

/// Counts of durations.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    longest: Duration,
}

impl Histogram {
    /// Adds one duration.
    pub fn record(&mut self, duration: Duration) {
        let index = bucket(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
        if index >= self.buckets.len() {
            self.buckets.resize(index + 1, 0);
        }
        if let Some(bucket) = self.buckets.get_mut(index) {
            *bucket += 1;
        }
        self.count += 1;
        self.longest = self.longest.max(duration);
    }

    /// Adds all durations of another one.
    pub fn merge(&mut self, other: &Self) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (own, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *own += more;
        }
        self.count += other.count;
        self.longest = self.longest.max(other.longest);
    }

    /// The number of durations.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The duration that this share of all, in thousandths, does not exceed; in milliseconds.
    #[must_use]
    pub fn quantile(&self, thousandths: u64) -> f64 {
        let wanted = (self.count * thousandths).div_ceil(1000).max(1);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return milliseconds(upper(index)).min(self.longest());
            }
        }
        self.longest()
    }

    /// The longest duration, in milliseconds.
    #[must_use]
    pub fn longest(&self) -> f64 {
        self.longest.as_secs_f64() * 1e3
    }
}

/// The bucket of a number of microseconds: exact up to `PARTS`, and then by the leading bits.
fn bucket(micros: u64) -> usize {
    if micros < PARTS {
        return micros as usize;
    }
    let shift = micros.ilog2() - PARTS.ilog2();
    (u64::from(shift) * PARTS + (micros >> shift)) as usize
}

/// The largest number of microseconds in a bucket.
fn upper(index: usize) -> u64 {
    let index = index as u64;
    if index < 2 * PARTS {
        return index;
    }
    let shift = index / PARTS - 1;
    (((index % PARTS) + PARTS + 1) << shift) - 1
}

#[expect(
    clippy::cast_precision_loss,
    reason = "latencies are far below 2^52 microseconds"
)]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_right_to_within_two_per_cent() {
        let mut all = Histogram::default();
        let mut half = Histogram::default();
        for micros in 1..=100_000 {
            let histogram = if micros % 2 == 0 { &mut all } else { &mut half };
            histogram.record(Duration::from_micros(micros));
        }
        all.merge(&half);
        assert_eq!(all.count(), 100_000);
        for (thousandths, expected) in [(500, 50.0), (990, 99.0), (999, 99.9)] {
            let found = all.quantile(thousandths);
            assert!(found >= expected && found <= expected * 1.02, "{found}");
        }
        assert!((all.longest() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn every_bucket_ends_where_the_next_begins() {
        for micros in (0..5000).chain([1 << 20, (1 << 20) + 1, u64::MAX >> 8]) {
            assert!(upper(bucket(micros)) >= micros, "{micros}");
            assert!(
                bucket(upper(bucket(micros)) + 1) == bucket(micros) + 1,
                "{micros}"
            );
        }
    }
}
