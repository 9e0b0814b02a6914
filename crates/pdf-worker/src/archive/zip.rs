//! The ZIP format (APPNOTE 6.3.3), as far as an archive of documents needs it: members are stored as they are, since PDF
//! is compressed already, their names are UTF-8, and what does not fit 32 bits is said in 64. Nothing in it depends on
//! the clock or the machine: the same members give the same bytes.
//!
//! Headers are made here and the bytes of members go past, so the whole is never in memory.

/// The version that readers need: directories, and for what is larger than 4 GiB, ZIP64.
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;
/// Made as if on Unix, where members have permissions: those of an ordinary file.
const MADE_BY: u16 = 3 << 8;
const ORDINARY_FILE: u32 = 0o100_644 << 16;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;
/// The first day that the format knows, at midnight.
const MIDNIGHT: u16 = 0;
const FIRST_DAY: u16 = (1 << 5) | 1;
/// The kind of extra field that has 64 bits.
const WIDE: u16 = 1;

/// An archive that is being written.
#[derive(Default)]
pub(super) struct Zip {
    /// How many bytes precede the next header.
    offset: u64,
    members: u64,
    directory: Vec<u8>,
}

impl Zip {
    /// The header of the next member. Exactly `size` bytes of it come after.
    pub(super) fn member(&mut self, name: &str, checksum: u32, size: u64) -> Vec<u8> {
        let offset = self.offset;
        let mut header = Vec::new();
        let wide = if is_wide(size) {
            vec![size, size]
        } else {
            Vec::new()
        };
        put(&mut header, 0x0403_4b50_u32.to_le_bytes());
        described(&mut header, name, (checksum, size), &wide);
        header.extend_from_slice(name.as_bytes());
        extra(&mut header, &wide);

        let mut wide = wide;
        if is_wide(offset) {
            wide.push(offset);
        }
        let entry = &mut self.directory;
        put(entry, 0x0201_4b50_u32.to_le_bytes());
        put(entry, (MADE_BY | ZIP64).to_le_bytes());
        described(entry, name, (checksum, size), &wide);
        put(entry, [0; 2]); // No comment,
        put(entry, [0; 2]); // on the first disk,
        put(entry, [0; 2]); // not known to be text.
        put(entry, ORDINARY_FILE.to_le_bytes());
        put(entry, narrow(offset).to_le_bytes());
        entry.extend_from_slice(name.as_bytes());
        extra(entry, &wide);

        self.members += 1;
        self.offset = offset.saturating_add(length(&header)).saturating_add(size);
        header
    }

    /// What comes after the last member.
    pub(super) fn end(self) -> Vec<u8> {
        let (offset, size) = (self.offset, length(&self.directory));
        let mut end = self.directory;
        let members = u16::try_from(self.members).unwrap_or(u16::MAX);
        if members == u16::MAX || is_wide(offset) || is_wide(size) {
            put(&mut end, 0x0606_4b50_u32.to_le_bytes());
            put(&mut end, 44_u64.to_le_bytes()); // How much of this record follows.
            put(&mut end, (MADE_BY | ZIP64).to_le_bytes());
            put(&mut end, ZIP64.to_le_bytes());
            put(&mut end, [0; 8]); // All on the first disk.
            for number in [self.members, self.members, size, offset] {
                put(&mut end, number.to_le_bytes());
            }
            put(&mut end, 0x0706_4b50_u32.to_le_bytes());
            put(&mut end, [0; 4]);
            put(&mut end, offset.saturating_add(size).to_le_bytes());
            put(&mut end, 1_u32.to_le_bytes());
        }
        put(&mut end, 0x0605_4b50_u32.to_le_bytes());
        put(&mut end, [0; 4]);
        put(&mut end, members.to_le_bytes());
        put(&mut end, members.to_le_bytes());
        put(&mut end, narrow(size).to_le_bytes());
        put(&mut end, narrow(offset).to_le_bytes());
        put(&mut end, [0; 2]); // No comment.
        end
    }
}

/// What both headers of a member say of it.
fn described(header: &mut Vec<u8>, name: &str, (checksum, size): (u32, u64), wide: &[u64]) {
    let version = if wide.is_empty() { PLAIN } else { ZIP64 };
    let stored = 0_u16;
    for number in [version, UTF8, stored, MIDNIGHT, FIRST_DAY] {
        put(header, number.to_le_bytes());
    }
    // As large packed as it is.
    for number in [checksum, narrow(size), narrow(size)] {
        put(header, number.to_le_bytes());
    }
    put(header, short(name.len()).to_le_bytes());
    let extra = if wide.is_empty() { 0 } else { 4 + 8 * wide.len() };
    put(header, short(extra).to_le_bytes());
}

/// The numbers that do not fit 32 bits.
fn extra(header: &mut Vec<u8>, wide: &[u64]) {
    if wide.is_empty() {
        return;
    }
    put(header, WIDE.to_le_bytes());
    put(header, short(8 * wide.len()).to_le_bytes());
    for number in wide {
        put(header, number.to_le_bytes());
    }
}

fn put<const N: usize>(header: &mut Vec<u8>, bytes: [u8; N]) {
    header.extend_from_slice(&bytes);
}

/// Whether a number has to be said in 64 bits; the last one of 32 says that it is.
fn is_wide(number: u64) -> bool {
    narrow(number) == u32::MAX
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The length of a name or a field, which both are short.
fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};
    use std::path::Path;
    use std::process::Command;

    use super::*;

    const LIST: &str = "
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for member in archive.infolist():
        print(member.filename, member.file_size, member.header_offset, *member.date_time[:3], member.external_attr >> 16)
    if sys.argv[2] == 'read':
        assert archive.testzip() is None
        for member in archive.namelist():
            print(archive.read(member).decode())
";

    /// What another program finds in an archive.
    fn listed(path: &Path, how: &str) -> String {
        let listed = Command::new("python3")
            .args(["-c", LIST])
            .arg(path)
            .arg(how)
            .output();
        let listed = listed.expect("python3 runs");
        assert!(
            listed.status.success(),
            "{}",
            String::from_utf8_lossy(&listed.stderr)
        );
        String::from_utf8(listed.stdout).expect("text")
    }

    #[test]
    fn another_program_reads_what_is_written() {
        let mut zip = Zip::default();
        let mut bytes = Vec::new();
        for (name, content) in [
            ("1re B/ÉLUARD Zoé-AAAA-2222.pdf", "one"),
            ("-/BBBB-3333.pdf", "three"),
        ] {
            bytes.extend(zip.member(
                name,
                crc32fast::hash(content.as_bytes()),
                length(content.as_bytes()),
            ));
            bytes.extend(content.as_bytes());
        }
        bytes.extend(zip.end());
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let second = 30 + "1re B/ÉLUARD Zoé-AAAA-2222.pdf".len() + 3;
        assert_eq!(
            listed(file.path(), "read"),
            format!(
                "1re B/ÉLUARD Zoé-AAAA-2222.pdf 3 0 1980 1 1 33188\n\
                 -/BBBB-3333.pdf 5 {second} 1980 1 1 33188\none\nthree\n"
            )
        );
    }

    #[test]
    fn an_archive_of_nothing_is_an_archive() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&Zip::default().end()).unwrap();
        assert_eq!(listed(file.path(), "read"), "");
    }

    /// The members are holes in a file that takes no room: nothing but the headers is written.
    #[test]
    fn what_does_not_fit_32_bits_is_said_in_64() {
        let fits = u64::from(u32::MAX) - 1;
        for large in [fits, fits + 1, fits + 2] {
            let mut zip = Zip::default();
            let mut file = tempfile::NamedTempFile::new().unwrap();
            let hole = |size: u64| SeekFrom::Current(i64::try_from(size).unwrap());
            let first = zip.member("-/large.pdf", 0, large);
            let length = 30 + 11 + if large > fits { 20 } else { 0 };
            assert_eq!(first.len(), length, "{large}");
            file.write_all(&first).unwrap();
            file.seek(hole(large)).unwrap();
            file.write_all(&zip.member("-/small.pdf", 0, 7)).unwrap();
            file.seek(hole(7)).unwrap();
            file.write_all(&zip.end()).unwrap();
            let offset = u64::try_from(length).unwrap() + large;
            assert_eq!(
                listed(file.path(), "list"),
                format!("-/large.pdf {large} 0 1980 1 1 33188\n-/small.pdf 7 {offset} 1980 1 1 33188\n")
            );
        }
    }

    #[test]
    fn more_members_than_16_bits_count_are_all_there() {
        for members in [65_534, 65_535, 65_536] {
            let mut zip = Zip::default();
            let mut bytes = Vec::new();
            for member in 0..members {
                bytes.extend(zip.member(&member.to_string(), 0, 0));
            }
            bytes.extend(zip.end());
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            assert_eq!(listed(file.path(), "list").lines().count(), members);
        }
    }
}
