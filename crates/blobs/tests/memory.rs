//! How much memory an object of many MiB takes. Alone in its process: the peak is one for all tests of a process. Counted is
//! what is asked of the allocator, since what that asks of the system differs from run to run.

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use blobs::{Blobs, Config};
    use futures::StreamExt as _;

    use super::MEMORY;

    const MIB: usize = 1024 * 1024;

    #[tokio::test]
    async fn writing_and_reading_take_constant_memory() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&Config::directory(directory.path().join("blobs"))).unwrap();
        let grown = grown_by_a_large_object(&blobs, &directory.path().join("copy")).await;
        // It was never seen to take more than 0.8 MiB.
        assert!(grown < 2 * MIB, "64 MiB took {grown} bytes");

        // A part of what goes to a bucket is in memory as a whole, here also at the other end: between 12.6 and 13.3 MiB were seen.
        let server = testkit::S3::start().await;
        let blobs = Blobs::open(&server.config(directory.path().join("incoming"))).unwrap();
        let grown = grown_by_a_large_object(&blobs, &directory.path().join("another")).await;
        assert!(grown < 24 * MIB, "64 MiB took {grown} bytes");
    }

    /// Writes 64 MiB and reads them, in every way that there is. Returns how much the peak rose.
    async fn grown_by_a_large_object(blobs: &Blobs, copy: &Path) -> usize {
        let piece = vec![7; 64 * 1024];
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();

        let mut upload = blobs.begin().await.unwrap();
        for _ in 0..1024 {
            upload.write(&piece).await.unwrap();
        }
        let stored = upload.finish().await.unwrap();
        blobs.copy_to(stored.digest, copy).await.unwrap();
        blobs.put_file(copy).await.unwrap();
        let (size, mut pieces) = blobs.stream(stored.digest).await.unwrap();
        while let Some(piece) = pieces.next().await {
            piece.unwrap();
        }

        assert_eq!(size.bytes(), 64 << 20);
        MEMORY.peak_usage() - before
    }
}
