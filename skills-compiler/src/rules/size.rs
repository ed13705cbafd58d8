//! Sizes as people read them.

/// One mebibyte.
pub(super) const MIB: u64 = 1024 * 1024;

/// A size in the unit that suits it.
pub(super) fn shown(bytes: u64) -> String {
    let (unit, name) = if bytes >= MIB {
        (MIB, "MiB")
    } else {
        (1024, "KiB")
    };
    // Only what is exact has no decimal: 1.04 MiB is not 1 MiB.
    let tenths = bytes / unit * 10 + bytes % unit * 10 / unit;
    match (bytes, bytes % unit) {
        (1, _) => "1 byte".to_owned(),
        (0..1024, _) => format!("{bytes} bytes"),
        (_, 0) => format!("{} {name}", tenths / 10),
        (_, _) => format!("{}.{} {name}", tenths / 10, tenths % 10),
    }
}

/// A number with commas between the thousands.
pub(super) fn grouped(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{},{rest:03}", grouped(thousands)),
    }
}
