//! Compressed terms.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::DecodeError;
use crate::limits::Limits;
use crate::tag;

/// The memory that is allocated at first, whatever size the term claims.
const FIRST: usize = 64 << 10;

const FLAGS: u32 = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
    | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;

/// A size and a zlib stream become the version and a term. Room is made as the stream fills it.
pub(super) fn inflate(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, DecodeError> {
    let (size, mut stream) = bytes.split_first_chunk().ok_or(DecodeError::Truncated)?;
    let size = u32::from_be_bytes(*size) as usize;
    if size > limits.expanded {
        return Err(DecodeError::TooLargeExpanded(limits.expanded));
    }
    let whole = size + 1;
    let mut out = vec![0; whole.min(FIRST)];
    out[0] = tag::VERSION;
    let mut filled = 1;
    let mut state = Box::<DecompressorOxide>::default();
    loop {
        let (status, read, written) = decompress(&mut state, stream, &mut out, filled, FLAGS);
        stream = &stream[read..];
        filled += written;
        match status {
            TINFLStatus::Done if filled == whole && stream.is_empty() => return Ok(out),
            TINFLStatus::Done if filled == whole => {
                return Err(DecodeError::Trailing(stream.len()));
            }
            TINFLStatus::HasMoreOutput if out.len() < whole => {
                let more = (out.len() * 2).min(whole);
                out.resize(more, 0);
            }
            _ => return Err(DecodeError::Compressed),
        }
    }
}
