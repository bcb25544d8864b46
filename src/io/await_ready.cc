#include "io/await_ready.h"

#include <poll.h>

#include <cerrno>

namespace billing {
namespace {

constexpr int kPatienceMs = 100;

}  // namespace

void await_ready(int fd, short events, const std::function<void()>& checkpoint) {
  pollfd waited{fd, events, 0};
  int ready = 0;
  do {
    checkpoint();
    ready = poll(&waited, 1, kPatienceMs);
  } while (ready == 0 || (ready < 0 && errno == EINTR));
}

}  // namespace billing
