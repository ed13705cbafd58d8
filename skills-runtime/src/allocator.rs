//! The allocator of the process: which one it is, and how memory goes back to the system when a load is over. This is the one file
//! with unsafe code: the allocator of the C library is told what to do by functions of C.

/// The allocator of musl has one lock for all threads. The one of glibc is as fast here as any.
#[cfg(all(feature = "http", target_env = "musl"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Pieces of memory that are larger than this, in bytes, are asked of the system and given back to it one by one.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: libc::c_int = 256 * 1024;

/// Has large pieces of memory go back to the system as soon as they are free. glibc begins like this and then raises its threshold to
/// the size of what was freed, up to 32 MiB, so that one body of a request keeps all later ones in the process.
pub(crate) fn configure() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "a function of C")]
    // SAFETY: the function takes two numbers and may be called at any time; a value that it does not take changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

/// Gives back to the system what is free. It takes a few milliseconds, in which threads that want memory may have to wait.
pub(crate) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "a function of C")]
    // SAFETY: the function takes a number and locks what it changes; only memory that is free is given back.
    unsafe {
        libc::malloc_trim(0);
    }
}
