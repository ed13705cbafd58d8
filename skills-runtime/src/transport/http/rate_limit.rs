//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): the limit that a refused request ran into, for
//! programs. They stand beside `Retry-After` in answers with 429, and in no others: to say how much of a quota is left, every
//! answer would have to count a second time, and one request runs through up to four quotas.

use std::time::Duration;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

use crate::guard::Rate;

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Describes a limit that is used up. Its name is a constant in lower case, as structured fields allow in quotes.
pub(super) fn describe(headers: &mut HeaderMap, name: &'static str, rate: Rate, wait: Duration) {
    let Rate { requests, window } = rate;
    let policy = format!("\"{name}\";q={requests};w={}", seconds(window));
    let state = format!("\"{name}\";r=0;t={}", seconds(wait));
    for (header, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(header, value);
        }
    }
}

/// Whole seconds, at least one: whoever comes back sooner comes in vain.
pub(super) fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_described_by_structured_fields() {
        let mut headers = HeaderMap::new();
        let rate = Rate {
            requests: 20,
            window: Duration::from_millis(11_200),
        };
        describe(&mut headers, "tier", rate, Duration::from_millis(1));
        assert_eq!(headers[RATE_LIMIT_POLICY], "\"tier\";q=20;w=12");
        assert_eq!(headers[RATE_LIMIT], "\"tier\";r=0;t=1");
    }
}
