#pragma once

#include <functional>

namespace billing {

/// Waits until a descriptor is ready for `events` of poll(), or reading or writing it would fail.
/// `checkpoint` is called before and then every tenth of a second, because a signal may reach
/// another thread than the one that waits; what it throws passes through.
void await_ready(int fd, short events, const std::function<void()>& checkpoint);

}  // namespace billing
