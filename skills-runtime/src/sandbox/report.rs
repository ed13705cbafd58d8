//! What came of closing the process off, in a line.

use std::fmt;

/// The layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) landlock: Layer,
    pub(crate) seccomp: Layer,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// It holds; what of it does.
    Active(String),
    /// It holds for a part of the process only; what of it does, and for what it does not.
    Partial(String, String),
    /// It does not; why.
    Missing(String),
    /// It was not wished.
    Off,
}

impl Report {
    pub(super) const fn off() -> Self {
        Self {
            landlock: Layer::Off,
            seccomp: Layer::Off,
        }
    }

    fn layers(&self) -> [(&'static str, &Layer); 2] {
        let Self { landlock, seccomp } = self;
        [("landlock", landlock), ("seccomp", seccomp)]
    }

    /// Whether a layer holds for a part of the process only.
    pub(super) fn has_gap(&self) -> bool {
        let mut layers = self.layers().into_iter();
        layers.any(|(_, layer)| matches!(layer, Layer::Partial(..)))
    }

    /// What does not hold, and why.
    pub(super) fn missing(&self) -> Option<String> {
        let missing = self
            .layers()
            .into_iter()
            .filter_map(|(name, layer)| match layer {
                Layer::Missing(why) => Some(format!("there is no {name}: {why}")),
                Layer::Partial(_, gap) => Some(format!(
                    "{name} does not hold for {gap}; start threads from a tool, and none before `run`"
                )),
                Layer::Active(_) | Layer::Off => None,
            });
        let missing: Vec<_> = missing.collect();
        (!missing.is_empty()).then(|| missing.join("; "))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = self.layers();
        if layers.iter().all(|(_, layer)| **layer == Layer::Off) {
            return formatter.write_str("off");
        }
        for (index, (name, layer)) in layers.into_iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            match layer {
                Layer::Active(what) => write!(formatter, "{name} {what}")?,
                Layer::Partial(what, gap) => {
                    write!(formatter, "{name} {what}, but not for {gap}")?;
                }
                Layer::Missing(why) => write!(formatter, "no {name}: {why}")?,
                Layer::Off => write!(formatter, "{name} off")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_line() {
        let report = Report {
            landlock: Layer::Missing("not in this kernel".into()),
            seccomp: Layer::Active("on".into()),
        };
        assert_eq!(
            report.to_string(),
            "no landlock: not in this kernel; seccomp on"
        );
        let missing = report.missing().unwrap();
        assert_eq!(missing, "there is no landlock: not in this kernel");
        let partial = Report {
            landlock: Layer::Partial("7 (files)".into(), "2 threads".into()),
            ..report
        };
        assert_eq!(
            partial.to_string(),
            "landlock 7 (files), but not for 2 threads; seccomp on"
        );
        let missing = partial.missing().unwrap();
        assert!(
            missing.starts_with("landlock does not hold for 2 threads; "),
            "{missing}"
        );
        assert_eq!(Report::off().to_string(), "off");
        assert_eq!(Report::off().missing(), None);
    }
}
