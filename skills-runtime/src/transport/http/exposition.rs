//! The two texts in which metrics are read: `OpenMetrics`, which scrapers ask for, and the older format of Prometheus for
//! everything else, `curl` and `promtool check metrics` among it. They differ in what describes a series, not in the series.

use std::fmt::Write;

use http::HeaderMap;
use http::header::ACCEPT;

/// What one of the two is called in `Accept`.
const OPEN_METRICS: &str = "application/openmetrics-text";

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exposition {
    OpenMetrics,
    Text,
}

impl Exposition {
    /// The one that is asked for. Nobody names `OpenMetrics` who cannot read it.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let mut accepted = headers.get_all(ACCEPT).iter();
        let is_named = |text: &str| text.to_ascii_lowercase().contains(OPEN_METRICS);
        if accepted.any(|value| value.to_str().is_ok_and(is_named)) {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// The text, given the one of `OpenMetrics`.
    pub(super) fn of(self, open_metrics: String) -> String {
        match self {
            Self::OpenMetrics => open_metrics,
            Self::Text => text(&open_metrics),
        }
    }
}

/// In the older format, a description has the whole name of the series, and there are fewer types and no units.
fn text(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = "";
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|typed| typed.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", kind),
                "info" => ("_info", "gauge"),
                _ => ("", kind),
            };
            // A string takes what is written to it.
            let _ = writeln!(text, "# HELP {name}{suffix} {help}");
            let _ = writeln!(text, "# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wanted(accept: &'static str) -> Exposition {
        let value = (ACCEPT, HeaderValue::from_static(accept));
        Exposition::wanted(&HeaderMap::from_iter([value]))
    }

    #[test]
    fn scrapers_get_what_they_name() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        assert_eq!(wanted(prometheus), Exposition::OpenMetrics);
        assert_eq!(wanted("*/*"), Exposition::Text);
        assert_eq!(wanted("text/plain;version=0.0.4"), Exposition::Text);
        assert_eq!(Exposition::wanted(&HeaderMap::new()), Exposition::Text);
    }

    #[test]
    fn the_older_format_describes_series_by_their_whole_names() {
        let open_metrics = "\
# HELP refusals What was refused.
# TYPE refusals counter
refusals_total{reason=\"host\"} 2
# HELP took_seconds How long it took.
# TYPE took_seconds histogram
# UNIT took_seconds seconds
took_seconds_sum 0.5
# HELP build What this is.
# TYPE build info
build_info{name=\"a\"} 1
# EOF
";
        let expected = "\
# HELP refusals_total What was refused.
# TYPE refusals_total counter
refusals_total{reason=\"host\"} 2
# HELP took_seconds How long it took.
# TYPE took_seconds histogram
took_seconds_sum 0.5
# HELP build_info What this is.
# TYPE build_info gauge
build_info{name=\"a\"} 1
";
        assert_eq!(text(open_metrics), expected);
    }
}
