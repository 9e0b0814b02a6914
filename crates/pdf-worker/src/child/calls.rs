//! Seccomp: the system calls that painting needs, and no others.
//!
//! What an intruder would reach for next (a socket, another program, another process) ends the child at once and
//! shows as such. Anything else that is not on the list fails as if it did not exist, so that a newer runtime which
//! tries something new first can fall back.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use crate::sandbox::Layer;

/// Memory, the files that are open or may be opened, clocks, and an orderly or disorderly end.
const NEEDED: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fallocate,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_ftruncate,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_read,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_tgkill,
    libc::SYS_write,
    libc::SYS_writev,
];

/// What only an intruder calls.
const DEADLY: &[i64] = &[
    libc::SYS_accept4,
    libc::SYS_bind,
    libc::SYS_bpf,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_connect,
    libc::SYS_execveat,
    libc::SYS_init_module,
    libc::SYS_io_uring_setup,
    libc::SYS_keyctl,
    libc::SYS_kill,
    libc::SYS_listen,
    libc::SYS_mount,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setns,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// Deadly as well, but for who is about to become another program. Landlock says which one that may be.
const BECOMING: &[i64] = &[libc::SYS_execve];

/// What a program calls while it is loaded.
const LOADING: &[i64] = &[
    libc::SYS_pread64,
    libc::SYS_prlimit64,
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sysinfo,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_arch_prctl,
];

/// Restricts this process, or the program that it `becomes`. Says whether the kernel went along.
pub(super) fn restrict(becomes: bool) -> Layer {
    let restricted = if becomes {
        try_restrict(&[NEEDED, LOADING, BECOMING], &[DEADLY])
    } else {
        try_restrict(&[NEEDED], &[DEADLY, BECOMING])
    };
    match restricted {
        Ok(()) => Layer::Full,
        Err(_unknown_to_the_kernel) => Layer::Absent,
    }
}

fn try_restrict(needed: &[&[i64]], deadly: &[&[i64]]) -> Result<(), Error> {
    let machine = TargetArch::try_from(std::env::consts::ARCH)?;
    let missing = SeccompAction::Errno(u32::try_from(libc::ENOSYS).unwrap_or_default());
    let let_through = [needed, deadly].concat();
    let needed = filter(&let_through, SeccompAction::Allow, missing, machine)?;
    let deadly = filter(deadly, SeccompAction::KillProcess, SeccompAction::Allow, machine)?;
    // The kernel obeys the stricter of the two; the first still lets the second in.
    seccompiler::apply_filter(&deadly)?;
    seccompiler::apply_filter(&needed)
}

fn filter(
    calls: &[&[i64]],
    listed: SeccompAction,
    others: SeccompAction,
    machine: TargetArch,
) -> Result<BpfProgram, Error> {
    let rules: Result<BTreeMap<_, _>, Error> = calls
        .iter()
        .flat_map(|calls| calls.iter())
        .map(|call| Ok((*call, conditions(*call)?)))
        .collect();
    let rules = rules?;
    Ok(BpfProgram::try_from(SeccompFilter::new(
        rules, others, listed, machine,
    )?)?)
}

/// A program may ask for its own limits. Of other processes of the same account it would take what they live on.
fn conditions(call: i64) -> Result<Vec<SeccompRule>, Error> {
    if call != libc::SYS_prlimit64 {
        return Ok(Vec::new());
    }
    let is_zero = |argument| SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0);
    Ok(vec![SeccompRule::new(vec![is_zero(0)?, is_zero(2)?])?])
}
