#pragma once

namespace billing {

/// For the program's SIGBUS handler: an input that was cut short while it is mapped raises the
/// signal where the lost part is touched. Puts zeros there and in the rest of that mapping, so that
/// the load goes on and the run fails at its end, in order. False where the address belongs to no
/// input: the signal is somebody else's. Async-signal-safe.
bool patch_lost_page(void* address);

}  // namespace billing
