//! Leave to read.

use skills_model::Scopes;

/// Leave to read those parts of a bundle for which these scopes are enough. Nothing of a bundle is looked up without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permit {
    granted: Scopes,
    is_personal: bool,
}

impl Permit {
    /// For the process itself and for whoever runs the executable: they have the file, and so all that is in it.
    pub(crate) const fn owner() -> Self {
        Self {
            granted: Scopes::ALL,
            is_personal: false,
        }
    }

    /// For a caller that was granted this, where callers are told apart or are not.
    #[cfg(feature = "http")]
    pub(super) const fn granting(granted: Scopes, is_personal: bool) -> Self {
        Self {
            granted,
            is_personal,
        }
    }

    /// For a caller of a test.
    #[cfg(test)]
    pub(crate) const fn of_caller(granted: Scopes, is_personal: bool) -> Self {
        Self {
            granted,
            is_personal,
        }
    }

    /// Whether what requires these scopes may be read.
    pub(crate) const fn covers(self, required: Scopes) -> bool {
        self.granted.contains(required)
    }

    /// Those of some scopes that are granted.
    pub(crate) const fn of(self, scopes: Scopes) -> Scopes {
        self.granted.common(scopes)
    }

    /// Whether callers are told apart, so that what one is told is not for others.
    pub(crate) const fn is_personal(self) -> bool {
        self.is_personal
    }
}
