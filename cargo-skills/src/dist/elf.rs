//! Whether an executable stands on its own.

use object::elf::{FileHeader32, FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, FileKind};

/// Whether an executable of Linux needs no library of the system: nothing asks the kernel to load one.
pub(crate) fn is_static(bytes: &[u8]) -> bool {
    match FileKind::parse(bytes) {
        Ok(FileKind::Elf32) => is_alone::<FileHeader32<Endianness>>(bytes),
        Ok(FileKind::Elf64) => is_alone::<FileHeader64<Endianness>>(bytes),
        _ => false,
    }
}

fn is_alone<Header: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> bool {
    let headers = || {
        let header = Header::parse(bytes)?;
        let endian = header.endian()?;
        let headers = header.program_headers(endian, bytes)?;
        let mut kinds = headers.iter().map(|header| header.p_type(endian));
        Ok::<_, object::read::Error>(!headers.is_empty() && !kinds.any(|kind| kind == PT_INTERP))
    };
    headers().unwrap_or(false)
}
