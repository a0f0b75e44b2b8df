//! What a process on this machine uses, as the kernel tells it (proc(5)).

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// What a process has used so far, and holds now.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Run time of all its threads.
    pub cpu: Duration,
    /// Memory in use, KiB.
    pub resident_kib: u64,
}

impl Usage {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where there is no such process, or it may not be read.
    pub fn read(pid: u32) -> anyhow::Result<Self> {
        let no_process = || format!("process {pid} cannot be read");
        let mut nanoseconds = 0u64;
        for task in fs::read_dir(format!("/proc/{pid}/task")).with_context(no_process)? {
            // A thread may end between being listed and being read.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
                continue;
            };
            let first = text
                .split_ascii_whitespace()
                .next()
                .and_then(|word| word.parse().ok());
            nanoseconds += first.unwrap_or(0u64);
        }
        let status = fs::read_to_string(format!("/proc/{pid}/status")).with_context(no_process)?;
        let resident_kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .and_then(|number| number.trim().parse().ok())
            .with_context(no_process)?;
        Ok(Self {
            cpu: Duration::from_nanos(nanoseconds),
            resident_kib,
        })
    }
}
