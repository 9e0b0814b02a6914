//! What the kernel knows of processes.

use std::fs;

/// The processes that a process has started and that are still there. One that has ended has none.
#[must_use]
pub fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let children: Vec<String> = threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .collect();
    let children = children.iter().flat_map(|children| children.split_whitespace());
    children.filter_map(|child| child.parse().ok()).collect()
}
