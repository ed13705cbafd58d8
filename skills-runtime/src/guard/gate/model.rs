//! Quotas against a model: the generic cell rate algorithm as it is defined (ITU-T I.371), in whole nanoseconds, with a clock that
//! moves when it is told to.

use std::time::Duration;

use governor::RateLimiter;
use governor::clock::{Clock, FakeRelativeClock};
use proptest::prelude::*;

use super::limits::Quota;

/// A quota, and when who asks: the time between two requests, in shares of the quota's own interval.
fn conversations() -> impl Strategy<Value = (u32, u64, Option<u32>, Vec<u64>)> {
    let quota = (1_u32..60, 1_u64..5_000, prop::option::of(1_u32..80));
    let gaps = prop::collection::vec(prop_oneof![Just(0), 0_u64..100, 90_u64..400], 1..200);
    (quota, gaps).prop_map(|((requests, per, burst), gaps)| (requests, per, burst, gaps))
}

fn quota(requests: u32, per: u64, burst: Option<u32>) -> Quota {
    let burst = burst
        .map(|burst| format!("burst = {burst}"))
        .unwrap_or_default();
    toml::from_str(&format!(
        "requests = {requests}\nper = \"{per}ms\"\n{burst}"
    ))
    .unwrap()
}

proptest! {
    #[test]
    fn a_quota_lets_pass_what_its_model_does_and_says_when_it_will_again(
        (requests, per, burst, gaps) in conversations(),
    ) {
        let quota = quota(requests, per, burst);
        let (interval, burst) = (quota.interval().as_nanos() as u64, u64::from(quota.burst().get()));
        let clock = FakeRelativeClock::default();
        let limiter = RateLimiter::direct_with_clock(quota.governed(), clock.clone());
        // The model: when the next request would be due if all came evenly.
        let (mut now, mut due, mut passed) = (0, 0, 0);
        for gap in gaps {
            let gap = interval * gap / 100;
            clock.advance(Duration::from_nanos(gap));
            now += gap;
            let is_allowed = due <= now + (burst - 1) * interval;
            match limiter.check() {
                Ok(()) => {
                    prop_assert!(is_allowed, "at {now}");
                    due = due.max(now) + interval;
                    passed += 1;
                    prop_assert!(passed <= burst + now / interval, "{passed} at {now}");
                }
                Err(until) => {
                    prop_assert!(!is_allowed, "at {now}");
                    let wait = until.wait_time_from(clock.now()).as_nanos() as u64;
                    prop_assert_eq!(wait, due - (burst - 1) * interval - now);
                }
            }
        }
    }
}
