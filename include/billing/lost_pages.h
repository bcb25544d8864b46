#pragma once

namespace billing {

/// For a host's SIGBUS handler. When an input is cut short while it is mapped, touching the lost
/// part raises that signal. This puts zeros there and in the rest of the mapping: the interrupted
/// load goes on, and the job fails at its end with an Error(run) that names the input. `address` is
/// siginfo_t::si_addr. Returns false where the address belongs to no input: then the signal is not
/// the library's. Async-signal-safe; any thread.
///
///     void on_bus_error(int, siginfo_t* info, void*) {
///       if (!patch_lost_page(info->si_addr)) std::abort();
///     }
bool patch_lost_page(void* address);

}  // namespace billing
