//! Bytes of a summary. Programs are encoded one by one, so that a body that is never called is never decoded.

use serde::{Deserialize, Serialize};

use super::program::{Op, Program};
use super::{FORMAT_VERSION, ProgramId, Summary};
use crate::base::span::Span;

/// Encoded programs. A body is encoded as soon as it is complete, so inner ones stand before outer ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programs {
    bytes: Vec<u8>,
    /// By id.
    places: Vec<Place>,
}

/// Where a program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Place {
    /// Encoded in the bytes.
    Encoded(Span),
    /// Still in the text: from behind the header's colon to the end of the last statement.
    Left(Span),
}

impl Programs {
    /// Encodes all programs in id order.
    #[must_use]
    pub fn encode(programs: &[Program]) -> Self {
        let mut all = Self::default();
        for program in programs {
            let id = all.reserve();
            all.set(id, program);
        }
        all.finish();
        all
    }

    /// Takes the next id for a program that is set later.
    pub fn reserve(&mut self) -> ProgramId {
        self.places.push(Place::Encoded(Span::default()));
        ProgramId(u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX))
    }

    /// Encodes the program of a reserved id.
    pub fn set(&mut self, id: ProgramId, program: &Program) {
        let offset = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let start = offset(&self.bytes);
        self.bytes = postcard::to_extend(program, std::mem::take(&mut self.bytes)).unwrap_or_default();
        if let Some(place) = self.places.get_mut(id.0 as usize) {
            *place = Place::Encoded(Span::new(start, offset(&self.bytes)));
        }
    }

    /// Leaves the program of a reserved id in the text.
    pub fn leave(&mut self, id: ProgramId, text: Span) {
        if let Some(place) = self.places.get_mut(id.0 as usize) {
            *place = Place::Left(text);
        }
    }

    /// The place of a function body that is left in the text: what stands between the header's colon and the end of the
    /// last statement.
    #[must_use]
    pub fn left(&self, id: ProgramId) -> Option<Span> {
        match self.places.get(id.0 as usize) {
            Some(Place::Left(span)) => Some(*span),
            _ => None,
        }
    }

    /// Gives back the memory that growing took.
    pub fn finish(&mut self) {
        self.bytes.shrink_to_fit();
        self.places.shrink_to_fit();
    }

    /// Decodes one; an empty program for one left in the text, an id of another summary or damaged bytes.
    #[must_use]
    pub fn decode(&self, id: ProgramId) -> Program {
        let Some(Place::Encoded(Span { start, end })) = self.places.get(id.0 as usize) else {
            return Program::default();
        };
        self.bytes
            .get(*start as usize..*end as usize)
            .and_then(|bytes| postcard::from_bytes(bytes).ok())
            .unwrap_or_default()
    }

    /// The statements of one, decoded one after the other, for whoever may stop before the last.
    #[must_use]
    pub fn statements(&self, id: ProgramId) -> Statements<'_> {
        let bytes = match self.places.get(id.0 as usize) {
            Some(Place::Encoded(Span { start, end })) => self.bytes.get(*start as usize..*end as usize),
            _ => None,
        };
        let (left, bytes) = bytes.and_then(|bytes| postcard::take_from_bytes(bytes).ok()).unwrap_or_default();
        Statements { left, bytes }
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = ProgramId> + use<> {
        (0..u32::try_from(self.places.len()).unwrap_or(u32::MAX)).map(ProgramId)
    }

    /// Number of programs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// See [`Programs::statements`].
#[derive(Debug)]
pub struct Statements<'p> {
    left: u64,
    bytes: &'p [u8],
}

impl Iterator for Statements<'_> {
    type Item = Op;

    fn next(&mut self) -> Option<Op> {
        self.left = self.left.checked_sub(1)?;
        let (op, rest) = postcard::take_from_bytes(self.bytes).ok()?;
        self.bytes = rest;
        Some(op)
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
    use crate::base::span::Span;
    use crate::summary::program::{Op, OpKind, Program};
    use crate::summary::{ProgramId, Summary};

    #[test]
    fn statements_come_one_by_one() {
        let op = |at| Op { span: Span::new(at, at + 4), kind: OpKind::Pass };
        let program = Program { body: (0..200).map(op).collect(), ..Program::default() };
        let all = Programs::encode(&[program.clone(), Program::default()]);
        assert_eq!(all.statements(ProgramId::MODULE).collect::<Vec<_>>(), program.body);
        assert_eq!(all.statements(ProgramId::BODY).count(), 0);
    }

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
