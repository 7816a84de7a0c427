//! Bytes of a summary. Programs are encoded one by one, so that a body that is never called is never decoded.

use serde::{Deserialize, Serialize};

use super::program::Program;
use super::{FORMAT_VERSION, ProgramId, Summary};

/// Encoded programs, end to end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programs {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Programs {
    /// Encodes all programs in id order.
    #[must_use]
    pub fn encode(programs: &[Program]) -> Self {
        let mut all = Self::default();
        for program in programs {
            all.bytes = postcard::to_extend(program, std::mem::take(&mut all.bytes)).unwrap_or_default();
            all.ends.push(u32::try_from(all.bytes.len()).unwrap_or(u32::MAX));
        }
        all.bytes.shrink_to_fit();
        all
    }

    /// Decodes one; an empty program for an id of another summary or damaged bytes.
    #[must_use]
    pub fn decode(&self, id: ProgramId) -> Program {
        let index = id.0 as usize;
        let Some(end) = self.ends.get(index) else { return Program::default() };
        let start = index.checked_sub(1).map_or(0, |previous| self.ends[previous]);
        self.bytes
            .get(start as usize..*end as usize)
            .and_then(|bytes| postcard::from_bytes(bytes).ok())
            .unwrap_or_default()
    }

    /// Number of programs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// Why stored bytes are no summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// Written by another version of this program.
    OtherVersion,
    /// Cut short or damaged.
    Damaged,
}

/// The summary as bytes, format version first.
#[must_use]
pub fn encode(summary: &Summary) -> Vec<u8> {
    let start = FORMAT_VERSION.to_le_bytes().to_vec();
    postcard::to_extend(summary, start).unwrap_or_default()
}

/// The summary that [`encode`] wrote.
///
/// # Errors
/// If the bytes were written by another version, or are damaged.
pub fn decode(bytes: &[u8]) -> Result<Summary, DecodeError> {
    let (version, rest) = bytes.split_at_checked(4).ok_or(DecodeError::Damaged)?;
    if version != FORMAT_VERSION.to_le_bytes() {
        return Err(DecodeError::OtherVersion);
    }
    postcard::from_bytes(rest).map_err(|_| DecodeError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, Programs, decode, encode};
    use crate::summary::Summary;
    use crate::summary::program::Program;

    #[test]
    fn survives_a_round_trip_and_refuses_damage() {
        let summary =
            Summary { content_hash: 7, programs: Programs::encode(&[Program::default()]), ..Summary::default() };
        let bytes = encode(&summary);
        assert_eq!(decode(&bytes), Ok(summary));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), Err(DecodeError::Damaged));
        assert_eq!(decode(&[9, 9, 9, 9, 0]), Err(DecodeError::OtherVersion));
    }
}
