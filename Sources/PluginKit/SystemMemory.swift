internal import Glibc

/// What the machine has.
enum SystemMemory {
    /// Bytes of physical memory; 8 GiB where the system does not say.
    static let bytes: Int = {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let size = sysconf(Int32(_SC_PAGESIZE))
        return pages > 0 && size > 0 ? pages * size : 8 << 30
    }()
}
