//! Numbers as they stand in paths and queries.

use std::ops::RangeInclusive;

/// A decimal integer without a sign that lies in the range.
pub fn within(text: &str, range: RangeInclusive<u32>) -> Option<u32> {
    let is_plain = text.bytes().all(|c| c.is_ascii_digit());
    let n = text.parse().ok().filter(|_| is_plain)?;
    range.contains(&n).then_some(n)
}

/// An integer of any length, forced into the range; nothing where the text is none.
pub fn clamped(text: &str, range: RangeInclusive<u32>) -> Option<u32> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    if digits.len() < text.len() {
        return Some(*range.start());
    }
    // Digits alone fail to parse only where they are too many.
    Some(
        digits
            .parse()
            .unwrap_or(u32::MAX)
            .clamp(*range.start(), *range.end()),
    )
}
