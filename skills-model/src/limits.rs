//! The figures that bound a bundle, with the document each comes from.

/// The file that makes a directory a skill, spelled exactly so (Agent Skills specification).
pub const SKILL_FILE: &str = "SKILL.md";

/// The scheme and separator in front of every URI that a bundle serves (Skills extension, "Resource Mapping").
pub const URI_PREFIX: &str = "skill://";

/// The media type of a directory resource (Skills extension, "Directory Resources").
pub const DIRECTORY_MEDIA_TYPE: &str = "inode/directory";

/// The longest `name`, in characters (Agent Skills specification).
pub const NAME_CHARS: usize = 64;

/// The longest `description`, in characters after trimming (Agent Skills specification).
pub const DESCRIPTION_CHARS: usize = 1024;

/// The longest `compatibility`, in characters (Agent Skills specification).
pub const COMPATIBILITY_CHARS: usize = 500;

/// The most files a skill should have, its `SKILL.md` and nested skills included (Skills extension, "Limits").
pub const SKILL_FILES: usize = 512;

/// The most bytes the files of one skill should have together: 16 MiB (Skills extension, "Limits").
pub const SKILL_BYTES: u64 = 16 * 1024 * 1024;

/// How many items one page of a listing holds.
///
/// Fifty entries of four files are about 60 KB of JSON: small enough to answer at once, large enough that most servers
/// have one page.
pub const PAGE_ITEMS: usize = 50;
