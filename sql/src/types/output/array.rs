//! An element of an array, in quotes where it could be misread.

/// Puts the text that `out` has from `start` on into quotes, if `{…}` needs them.
pub(crate) fn quote_from(start: usize, out: &mut Vec<u8>) {
    let text = out.get(start..).unwrap_or_default();
    if !needs_quotes(text) {
        return;
    }
    let end = out.len();
    out.push(b'"');
    for place in start..end {
        let Some(byte) = out.get(place).copied() else { break };
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
    out.drain(start..end);
}

fn needs_quotes(text: &[u8]) -> bool {
    text.is_empty()
        || text.eq_ignore_ascii_case(b"null")
        || text
            .iter()
            .any(|byte| matches!(byte, b'"' | b'\\' | b'{' | b'}' | b',' | b' ' | b'\t'..=b'\r'))
}
