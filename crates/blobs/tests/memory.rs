//! How much memory an object of many MiB takes. Alone in its process: the peak is one for all tests of a process.

#[cfg(test)]
mod tests {
    use std::fs;

    use blobs::{Blobs, Config};
    use futures::StreamExt as _;

    const MIB: u64 = 1024 * 1024;

    #[tokio::test]
    async fn writing_and_reading_take_constant_memory() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&Config::directory(directory.path().join("blobs"))).unwrap();
        let piece = vec![7; 64 * 1024];
        let before = peak_memory();

        let mut upload = blobs.begin().await.unwrap();
        for _ in 0..1024 {
            upload.write(&piece).await.unwrap();
        }
        let stored = upload.finish().await.unwrap();
        let copy = directory.path().join("copy");
        blobs.copy_to(stored.digest, &copy).await.unwrap();
        blobs.put_file(&copy).await.unwrap();
        let (size, mut pieces) = blobs.stream(stored.digest).await.unwrap();
        while let Some(piece) = pieces.next().await {
            piece.unwrap();
        }

        assert_eq!(size.bytes(), 64 * MIB);
        let grown = peak_memory() - before;
        assert!(grown < 8 * MIB, "64 MiB took {grown} bytes");
    }

    /// The most memory that this process ever had.
    fn peak_memory() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}
