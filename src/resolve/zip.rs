//! Names of the members of a zip file: its central directory and nothing else.

/// What a file turns out to be.
pub(super) enum Answer {
    /// No end-of-directory record.
    NotAnArchive,
    /// An archive whose directory makes no sense here (zip64, damaged).
    Unreadable,
    /// Paths inside, with `/`.
    Members(Vec<String>),
}

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";

/// Reads the central directory.
pub(super) fn members(bytes: &[u8]) -> Answer {
    // The end record is 22 bytes, with a comment of at most 65535 bytes behind it.
    let tail = bytes.len().saturating_sub(22 + 0xffff);
    let Some(at) = bytes[tail..].windows(END.len()).rposition(|window| window == END) else {
        return Answer::NotAnArchive;
    };
    let end = &bytes[tail + at..];
    match (short(end, 10), long(end, 16)) {
        (Some(count), Some(start)) if count != 0xffff => {
            read(bytes, count, start).map_or(Answer::Unreadable, Answer::Members)
        }
        _ => Answer::Unreadable,
    }
}

fn read(bytes: &[u8], count: usize, start: usize) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut entry = bytes.get(start..)?;
    for _ in 0..count {
        if !entry.starts_with(ENTRY) {
            return None;
        }
        let (name, extra, comment) = (short(entry, 28)?, short(entry, 30)?, short(entry, 32)?);
        names.push(String::from_utf8_lossy(entry.get(46..46 + name)?).into_owned());
        entry = entry.get(46 + name + extra + comment..)?;
    }
    Some(names)
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at + 2)?;
    Some(usize::from(u16::from_le_bytes(pair.try_into().ok()?)))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

/// A stored archive of empty members, for tests.
#[cfg(test)]
pub(super) fn archive(names: &[&str]) -> Vec<u8> {
    let (mut bytes, mut directory) = (b"#!/usr/bin/env python\n".to_vec(), Vec::new());
    for name in names {
        let mut entry = vec![0; 46];
        entry[..4].copy_from_slice(ENTRY);
        entry[28] = u8::try_from(name.len()).expect("short");
        directory.extend(entry);
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(bytes.len()).expect("short");
    bytes.extend(directory);
    let mut end = vec![0; 22];
    end[..4].copy_from_slice(END);
    end[10] = u8::try_from(names.len()).expect("few");
    end[16..20].copy_from_slice(&start.to_le_bytes());
    bytes.extend(end);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_listed() {
        let Answer::Members(names) = members(&archive(&["pkg/__init__.py", "m.py"])) else {
            panic!("it is an archive")
        };
        assert_eq!(names, ["pkg/__init__.py", "m.py"]);
        assert!(matches!(members(b"plain text"), Answer::NotAnArchive));
        assert!(matches!(members(b"PK\x05\x06"), Answer::Unreadable));
        let mut broken = archive(&["m.py"]);
        broken[25] = 0;
        assert!(matches!(members(&broken), Answer::Unreadable));
    }
}
