//! The file on disk: its text, unpacked, and the hash that names it. Knows nothing of orders.

use std::io::{self, Read};
use std::path::Path;

use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest, Sha256};

/// A file's content, and its name in idempotency keys.
pub struct Source {
    /// The CSV text as bytes, unpacked.
    pub text: Vec<u8>,
    /// The first 16 hexadecimal digits of the SHA-256 of `text`: the same rows are the same file, packed or not.
    pub hash: String,
}

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Source {
    /// Reads a file, and unpacks it when it starts like a zstd file, whatever it is called.
    ///
    /// # Errors
    /// What reading gives; `InvalidData` for a damaged zstd file.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::read(std::fs::read(path)?)
    }

    /// The same from bytes.
    ///
    /// # Errors
    /// `InvalidData` for a damaged zstd file.
    pub fn read(bytes: Vec<u8>) -> io::Result<Self> {
        let text = if bytes.starts_with(&ZSTD_MAGIC) { unpack(&bytes)? } else { bytes };
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&text)[..8]);
        Ok(Self { text, hash })
    }
}

// A file may hold several frames (parallel packers and `cat` write such); one decoder ends with its frame.
fn unpack(mut packed: &[u8]) -> io::Result<Vec<u8>> {
    let damaged = |error: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidData, format!("damaged zstd file: {error}"))
    };
    let mut text = Vec::new();
    while !packed.is_empty() {
        let mut frame = StreamingDecoder::new(&mut packed).map_err(|error| damaged(&error))?;
        frame.read_to_end(&mut text).map_err(|error| damaged(&error))?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    #[test]
    fn packed_and_plain_are_the_same_file() {
        let plain = Source::read(b"InvoiceNo,StockCode\n1,A\n".to_vec()).expect("plain");
        let packed = compress_to_vec(&plain.text[..], CompressionLevel::Fastest);
        let unpacked = Source::read(packed).expect("packed");
        assert_eq!((unpacked.text, &unpacked.hash), (plain.text, &plain.hash));
        assert_eq!(plain.hash.len(), 16);
    }

    #[test]
    fn every_frame_of_a_packed_file_is_read() {
        let mut packed = compress_to_vec(&b"first,"[..], CompressionLevel::Fastest);
        packed.extend(compress_to_vec(&b"second"[..], CompressionLevel::Fastest));
        assert_eq!(Source::read(packed).expect("two frames").text, b"first,second");
    }

    #[test]
    fn a_cut_off_file_is_an_error_and_not_a_shorter_file() {
        let packed = compress_to_vec(&[b'x'; 4_000][..], CompressionLevel::Fastest);
        let cut = packed[..packed.len() - 3].to_vec();
        assert_eq!(Source::read(cut).err().map(|error| error.kind()), Some(io::ErrorKind::InvalidData));
    }
}
